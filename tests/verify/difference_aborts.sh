#!/bin/bash
# A wrong walk is noticed, told with the frames of both, and ends the process by SIGILL. The wrong one
# is libunwind's, which does not know a value that is kept in another register.
. "$(dirname "$0")/../lib.sh"
need gcc
need_lib libunwind.so.8 >/dev/null || skip "no libunwind.so.8 here"

gcc -g -O2 -o p "$tests/verify/handwritten.c" || fail "cannot compile"
ulimit -c 0
OPTIONS=unwind=libunwind:verify=1:oracle=libgcc preloaded ./p 2>err
expect_eq status 132 $?
grep -aq '^libleak: verify: walks differ in frame [1-9]' err || fail "no message: $(cat err)"
grep -aq '^  libunwind: [0-9]* frames' err || fail "no frames of libunwind: $(cat err)"
grep -aq '^  libgcc: [0-9]* frames' err || fail "no frames of libgcc: $(cat err)"
grep -aq '0 differences' err && fail "and yet: $(cat err)"

# Our own walk of the same program, judged by the same: nothing.
OPTIONS=verify=1:oracle=libgcc preloaded ./p 2>err
expect_eq 'status with our walk' 0 $?
# And the interpreter alone.
OPTIONS=unwind=full:verify=1:oracle=libgcc preloaded ./p 2>err
expect_eq 'status of unwind=full' 0 $?
grep -aq '0 differences' err || fail "not compared: $(cat err)"
