#!/bin/bash
# The test setup of examples/ci/meson.build: tests that leak fail, and skipped ones stay skipped.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
need meson ninja

mkdir -p project/ci && cp "$tests"/compat/parts/leaky/* "$tests/classes/parts/far.h" project
cp "$root/examples/ci/meson.build" project/ci
cat >>project/meson.build <<'END'
subdir('ci')
sh = find_program('sh')
test('status_77', sh, args: ['-c', 'exit 77'])
test('status_99', sh, args: ['-c', 'exit 99'])
test('status_1', sh, args: ['-c', 'exit 1'])
END

setup() { # PATH: into bin
	rm -rf bin
	PATH=$1 meson setup bin project >log 2>&1 || fail "meson: $(tail -5 log)"
	meson compile -C bin >log 2>&1 || fail "build: $(tail -5 log)"
}

results() { # OPTIONS…
	meson test -C bin "$@" >log 2>&1
	sed -n 's/^ *[0-9]*\/13 \([a-z]*_[0-9]*\) *\([A-Z]*\).*/\1 \2/p' log | sort -V
}

setup "$build:$PATH"
results --setup leak >found
cat >expected <<'END'
status_1 FAIL
status_77 SKIP
status_99 ERROR
ten_1 OK
ten_2 FAIL
ten_3 FAIL
ten_4 FAIL
ten_5 OK
ten_6 FAIL
ten_7 FAIL
ten_8 FAIL
ten_9 FAIL
ten_10 OK
END
diff expected found || fail "meson test --setup leak: expected (<), found (>): $(cat log)"
grep -q 'lose_blocks.*ten\.c:' bin/meson-logs/testlog-leak.txt || fail 'the log does not show the place'

# Without the setup, and without leak, they are as they were.
sed -i '/^ten/s/FAIL/OK/' expected
results >found
diff expected found || fail "without the setup: expected (<), found (>)"
setup /usr/bin:/bin
results >found
diff expected found || fail "without leak: expected (<), found (>)"
meson test -C bin --setup leak >log 2>&1 && fail 'the setup is there without leak'
grep -q "[Tt]est setup 'leak'" log || fail "without leak: $(cat log)"
echo 'counted: 13 tests'
