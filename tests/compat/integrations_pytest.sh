#!/bin/bash
# examples/ci/pytest_leak.py: each test's growth of the heap, limits, and what stays as it is without.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
need pytest-3

# One allocation of C's, since Python's own differ between versions.
cp "$root/examples/ci/pytest_leak.py" .
echo 'pytest_plugins = ["pytest_leak"]' >conftest.py
cat >test_growth.py <<'END'
import ctypes, os, subprocess, sys, unittest
import pytest

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
kept = []

def lose(count, size):
    for _ in range(count):
        libc.malloc(size)

def test_nothing():
    pass

def test_lose():
    lose(100, 10000)

@pytest.mark.limit_leaks("900 KB")
def test_over():
    lose(100, 10000)

@pytest.mark.limit_leaks("1 MB")
def test_under():
    lose(100, 10000)

@pytest.mark.limit_leaks("64KB")
def test_wrong_limit():
    pass

@pytest.mark.limit_leaks("16 KB")
def test_python_objects():
    kept.extend(bytes(100) for _ in range(1000))

@pytest.mark.limit_leaks("16 KB")
def test_cycles():
    for _ in range(1000):
        cycle = []
        cycle.append(cycle)

@pytest.mark.limit_leaks("16 KB")
def test_freed():
    for _ in range(1000):
        libc.free(libc.malloc(1000))

@pytest.fixture(scope="module")
def fixture():
    lose(1, 1000000)

@pytest.mark.limit_leaks("16 KB")
def test_fixture(fixture):
    pass

@pytest.mark.limit_leaks("16 KB")
@pytest.mark.parametrize("number", [1, 2])
def test_parameters(number):
    lose(1, 1000 * number * number * 10)

class TestCase(unittest.TestCase):
    @pytest.mark.limit_leaks("16 KB")
    def test_method(self):
        lose(1, 100000)

def test_skipped():
    pytest.skip("no reason")

@pytest.mark.limit_leaks("16 KB")
def test_fails_itself():
    lose(1, 100000)
    assert False
END

# results FILE: test and outcome, with the growth in whole 10,000 bytes, from JUnit's XML.
results() {
	/usr/bin/python3 - "$1" <<-'END'
		import sys, xml.etree.ElementTree as tree
		for case in tree.parse(sys.argv[1]).iter('testcase'):
		    kinds = [child.tag for child in case if child.tag != 'properties']
		    grown = {p.get('name'): int(p.get('value')) for p in case.iter('property')}
		    ten = round(grown['leak_bytes'] / 10000) if grown else '-'
		    print(case.get('name'), kinds[0] if kinds else 'ok', ten)
	END
}

LEAK_EXECUTABLE=$leak TMPDIR=$work/images pytest-3 -p no:cacheprovider --leak --junitxml=under.xml >log 2>&1
expect_eq 'exit status with --leak' 1 $?
results under.xml >found
cat >expected <<'END'
test_nothing ok 0
test_lose ok 100
test_over failure 100
test_under ok 100
test_wrong_limit failure -
test_python_objects failure 14
test_cycles ok 0
test_freed ok 0
test_fixture ok 0
test_parameters[1] ok 1
test_parameters[2] failure 4
test_method failure 10
test_skipped skipped -
test_fails_itself failure -
END
diff expected found || fail "expected (<), found (>): $(tail -60 log)"
grep -q '^the heap grew by 1,0[0-9][0-9],[0-9]* bytes in 1[0-9][0-9] blocks, limit 921,600' log || fail "no reason: $(cat log)"
grep -q 'limit_leaks("64KB"): not a size' log || fail "a wrong limit is not told: $(cat log)"
grep -Eq '^ +1,0[0-9]{2},[0-9]{3} bytes in +1[0-9]{2} blocks  test_growth.py::test_lose' log || fail "no table: $(cat log)"
expect_eq 'directories that stay' '' "$(ls "$work/images")"

# Kept recordings have the place.
LEAK_EXECUTABLE=$leak pytest-3 -p no:cacheprovider --leak --leak-images=kept -k 'lose or skipped' >log 2>&1
expect_eq 'exit status when all is well' 0 $?
"$leak" report --json --all --kinds=all kept >report.json || fail 'leak report kept'
expect_eq 'blocks of test_lose in the recording' 100 \
	"$(jq '[.sites[] | select(.size_min == 10000 and .size_max == 10000) | .blocks] | add' report.json)"

# Without --leak nothing is measured, and limits are only words.
pytest-3 -p no:cacheprovider --strict-markers --junitxml=bare.xml >log 2>&1
results bare.xml | grep -v ' ok -$' >found
printf '%s\n' 'test_skipped skipped -' 'test_fails_itself failure -' >expected
diff expected found || fail "without --leak: $(cat log)"

PATH=/usr/bin:/bin pytest-3 -p no:cacheprovider --leak >log 2>&1
expect_eq 'exit status without leak' 4 $?
grep -q 'no leak in PATH' log || fail "without leak: $(cat log)"
rm conftest.py
PYTHONPATH=. LEAK_EXECUTABLE=$leak pytest-3 -p no:cacheprovider -p pytest_leak --leak -k nothing >log 2>&1 || fail "-p: $(cat log)"
grep -q '1 of 1 measured tests' log || fail "-p pytest_leak: $(cat log)"
echo 'counted: 14 tests'
