#!/bin/bash
# ulimit -f 0: no SIGXFSZ, the program runs.
. "$(dirname "$0")/../lib.sh"

gcc -g -o p "$tests/cases/parts/three_blocks.c" || fail "cannot compile"
(
	ulimit -f 0
	OPTIONS='' preloaded ./p 2>/dev/null | cat
	exit "${PIPESTATUS[0]}"
)
expect_eq status 9 $?
