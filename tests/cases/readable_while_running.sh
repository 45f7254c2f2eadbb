#!/bin/bash
# An image is readable while its process runs: state running, then killed.
. "$(dirname "$0")/../lib.sh"

gcc -g -O0 -o p "$tests/cases/parts/hundred_then_pause.c" || fail "cannot compile"
preloaded ./p >ready &
wait_for 10 grep -q ready ready || fail "never ready"
report
expect_eq "state of a running process" running "$(field '.processes[0].state')"
expect_eq "live blocks" 100 "$(field '.processes[0].live.blocks')"
kill -9 "$(field '.processes[0].pid')"
wait 2>/dev/null
report
expect_eq "state of a killed process" killed "$(field '.processes[0].state')"
expect_eq "live blocks" 100 "$(field '.processes[0].live.blocks')"
