#!/bin/bash
# leak ci with the runners of real projects: ctest, meson, make check, python3 and shell scripts give the same
# sites and statuses, and all files for CI are written.
# timeout: 180
. "$(dirname "$0")/../lib.sh"

need gcc make jq xmllint
mkdir project && cd project || exit 1
cp "$tests/classes/parts/far.h" .
cat >leaky.c <<'END_OF_C'
#include "far.h"
#include <stdio.h>
#include <stdlib.h>
static void lose(void) { ((char *)malloc(123))[0] = 1; }
int main(int count, char **arguments)
{
	puts("tested");
	if (count > 1 && arguments[1][0] == 'l')
		far_below(lose);
	return count > 2;
}
END_OF_C
cat >Makefile <<'END_OF_MAKE'
leaky: leaky.c
	$(CC) -g -o $@ leaky.c
check: leaky
	./leaky l
	./leaky c
check-clean: leaky
	./leaky c
check-failing: leaky
	./leaky l fail
END_OF_MAKE
make -s leaky || fail "cannot compile"

count=0
# judge NAME STATUS SITES COMMAND…: the runner's status, and the sites of leaky.c
judge() {
	local name=$1 status=$2 sites=$3 got
	shift 3
	rm -f report.json
	"$leak" ci --json -o report.json --sarif=out.sarif --junit=out.xml --markdown=out.md --gitlab=out.json \
		--filter=leaky.c -- "$@" >out 2>err
	got=$?
	expect_eq "status of $name ($(cat out err | tail -n 5))" "$status" $got
	expect_eq "sites of $name" "$sites" \
		"$(jq -r '[.sites[] | "\(.frames[0].function):\(.bytes / .blocks)"] | unique | join(" ")' report.json)"
	jq -e '.gate.judged_processes >= 1 and .gate.pass == ('"$([ -z "$sites" ] && echo true || echo false)"')' report.json >/dev/null ||
		fail "gate of $name: $(jq -c .gate report.json)"
	local results=0
	[ -z "$sites" ] || results=1
	jq -e '.version == "2.1.0" and (.runs[0].results | length > 0) == ('"$results"' == 1)' out.sarif >/dev/null ||
		fail "sarif of $name: $(jq -c '.runs[0].results | length' out.sarif)"
	jq -e 'type == "array" and (length > 0) == ('"$results"' == 1)' out.json >/dev/null || fail "gitlab of $name"
	xmllint --noout --schema "$tests/schemas/junit.xsd" out.xml 2>xml.err || fail "junit of $name: $(cat xml.err)"
	expect_eq "failures in junit of $name" $results "$(grep -c '<failure' out.xml)"
	[ -s out.md ] || fail "no markdown of $name"
	count=$((count + 1))
}

judge 'make check' 23 lose:123 make check
grep -qx tested out || fail "stdout of make: $(cat out)"
judge 'make, nothing lost' 0 '' make check-clean
judge 'make, failing' 2 lose:123 make check-failing
judge 'a script' 23 lose:123 sh -c './leaky c | cat; ./leaky l'
judge 'a failing script' 9 lose:123 sh -c './leaky l; exit 9'

if type python3 >/dev/null 2>&1; then
	cat >test_leaky.py <<'END_OF_PYTHON'
import subprocess, unittest
class Leaky(unittest.TestCase):
    def test_leak(self):
        self.assertEqual(subprocess.check_output(['./leaky', 'l']), b'tested\n')
    def test_clean(self):
        self.assertEqual(subprocess.check_output(['./leaky', 'c']), b'tested\n')
END_OF_PYTHON
	judge 'python3 -m unittest' 23 lose:123 env PYTHONMALLOC=malloc python3 -m unittest -q test_leaky
	judge 'one of unittest' 0 '' env PYTHONMALLOC=malloc python3 -m unittest -q test_leaky.Leaky.test_clean
fi
if type ctest cmake >/dev/null 2>&1; then
	cat >CMakeLists.txt <<'END_OF_CMAKE'
cmake_minimum_required(VERSION 3.10)
project(leaky C)
set(CMAKE_C_FLAGS -g)
add_executable(leaky leaky.c)
enable_testing()
add_test(NAME clean COMMAND leaky c)
add_test(NAME leak COMMAND leaky l)
END_OF_CMAKE
	(cmake -S . -B built && cmake --build built) >made 2>&1 || fail "cmake: $(tail -n 5 made)"
	judge ctest 23 lose:123 ctest --test-dir built -j2
	judge 'one of ctest' 0 '' ctest --test-dir built -R clean
fi
if type meson ninja >/dev/null 2>&1; then
	cat >meson.build <<'END_OF_MESON'
project('leaky', 'c')
leaky = executable('leaky', 'leaky.c', c_args: '-g')
test('clean', leaky, args: ['c'])
test('leak', leaky, args: ['l'])
END_OF_MESON
	(meson setup mesoned && meson compile -C mesoned) >made 2>&1 || fail "meson: $(tail -n 5 made)"
	judge 'meson test' 23 lose:123 meson test -C mesoned --no-rebuild
	judge 'one of meson' 0 '' meson test -C mesoned --no-rebuild clean
fi

# On GitHub: annotations, and a page. Neither is in the way of the report.
echo '# before' >summary.md
GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY=$PWD/summary.md "$leak" ci -- ./leaky l >out 2>err
expect_eq "status on GitHub" 23 $?
expect_eq "stdout on GitHub" tested "$(cat out)"
expect_eq annotations 1 "$(grep -c '^::error file=leaky.c,line=4,' err)"
expect_eq "the page before" '# before' "$(head -1 summary.md)"
grep -q 'leaky.c&#58;4' summary.md || fail "the page: $(cat summary.md)"
"$leak" ci --images=images -q -- ./leaky l >out 2>err
expect_eq "words with -q" 1 "$(wc -l <err)"
GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY='' "$leak" check --json images >report.json 2>err
expect_eq "status of leak check" 23 $?
jq -e '.gate.limits[0].limit == "any"' report.json >/dev/null || fail "JSON with annotations: $(head -3 report.json)"
expect_eq "annotations of leak check" 1 "$(grep -c '^::error ' err)"

# Where nothing is recorded the files are there, too, and say nothing of a leak.
"$leak" ci --json -o report.json --sarif=none.sarif --junit=none.xml --markdown=none.md --gitlab=none.json --xml=none2.xml \
	-- env -i "$PWD/leaky" l >out 2>err
expect_eq "status of env -i" 3 $?
jq -e '.gate.pass == false and (.gate.not_measured | length == 1)' report.json >/dev/null || fail "$(jq -c .gate report.json)"
if gcc -static -o static leaky.c 2>/dev/null; then
	rm none*
	GITHUB_ACTIONS=true "$leak" ci --json -o report.json --sarif=none.sarif --junit=none.xml --markdown=none.md \
		--gitlab=none.json --xml=none2.xml -- ./static >out 2>err
	expect_eq "status of a static program" 3 $?
	expect_eq "the line for GitHub" 'leak: nothing could be judged' "$(grep '^leak: ' err)"
	grep -q 'nothing could be judged' none.md && grep -q 'nothing could be judged' none.xml || fail "green: $(cat none.md none.xml)"
	expect_eq "tests" 1 "$(grep -c '<testcase' none.xml)"
	grep -q '<testcase.*<error type="NotMeasured"' none.xml || fail "a test has passed: $(cat none.xml)"
	"$leak" ci --markdown=none.md -- sh -c './static; ./leaky c' >out 2>err
	expect_eq "status of a suite with a static program" 0 $?
	grep -q '; 1 process not measured or not judged' none.md || fail "nobody says so: $(cat none.md)"
	jq -e '.gate.pass == false and .gate.judged_processes == 0 and (.processes | length == 0)
		and (.gate.not_measured[0].program | endswith("/static"))' report.json >/dev/null || fail "$(jq -c . report.json)"
	jq -e . none.sarif none.json >/dev/null && xmllint --noout none.xml none2.xml || fail "the files of nothing"
fi
echo "counted: $count runs"
