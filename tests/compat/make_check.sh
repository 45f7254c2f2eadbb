#!/bin/bash
# make check with a wrapper: the same tests fail with leak-valgrind as with valgrind.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
need make gcc valgrind

mkdir project && cp "$tests"/compat/parts/leaky/* "$tests/classes/parts/far.h" project
cd project || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL

options='-q --leak-check=full --error-exitcode=9'
make -k check WRAPPER="valgrind $options" 2>log | grep ':' | sort >expected
make -k check WRAPPER="$build/leak-valgrind $options" 2>log | grep ':' | sort >found
expect_eq tests 10 "$(wc -l <found)"
diff expected found || fail "other tests fail: valgrind (<), leak-valgrind (>)"
grep -q FAIL found || fail "no test fails"
echo "counted: $(grep -c FAIL found) of 10 tests fail"
