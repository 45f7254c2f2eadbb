#!/bin/bash
# meson test --wrapper: the same tests fail with leak-valgrind as with valgrind.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
need meson ninja valgrind

mkdir project && cp "$tests"/compat/parts/leaky/* "$tests/classes/parts/far.h" project
meson setup bin project >log 2>&1 || fail "meson: $(tail -5 log)"
meson compile -C bin >log 2>&1 || fail "build: $(tail -5 log)"

results() { # WRAPPER…
	meson test -C bin --wrapper "$*" >log 2>&1
	sed -n 's/^ *[0-9]*\/10 \(ten_[0-9]*\) *\([A-Z]*\).*/\1 \2/p' log | sort
}

options='-q --leak-check=full --error-exitcode=9'
results "valgrind $options" >expected
results "$build/leak-valgrind $options" >found
expect_eq tests 10 "$(wc -l <found)"
diff expected found || fail "other tests fail: valgrind (<), leak-valgrind (>)"
grep -q FAIL found || fail "no test fails"
echo "counted: $(grep -c FAIL found) of 10 tests fail"
