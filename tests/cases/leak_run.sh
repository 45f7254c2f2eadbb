#!/bin/bash
# leak run: records a command, passes its status and output on, says what a crash was.
. "$(dirname "$0")/../lib.sh"

gcc -g -o p "$tests/cases/parts/three_blocks.c" || fail "cannot compile"
"$leak" run -o "$work/images/x.leak" -- ./p >out 2>err
expect_eq status 9 $?
expect_eq stdout '' "$(cat out)"
report
expect_eq "live blocks" 3 "$(field '.processes[0].live.blocks')"
expect_eq "exit status in the report" 9 "$(field '.processes[0].exit_status')"
rm "$work/images/"*
"$leak" run -o "$work/images/x.leak" -- sh -c 'kill -SEGV $$' >out 2>err
expect_eq "status of a crash" 139 $?
report
expect_eq state crashed "$(field '.processes[0].state')"
expect_eq signal 11 "$(field '.processes[0].signal')"
"$leak" run -- /nonexistent/program >out 2>err
status=$?
[ $status = 127 ] || [ $status = 3 ] || fail "status for a missing program: $status"
expect_eq "lines for a missing program" 1 "$(grep -c '^leak: ' err)"
