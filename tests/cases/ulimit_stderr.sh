#!/bin/bash
# A sentence that stderr, a file at its size limit, could not take is left out: no SIGXFSZ.
# pitfall: P26
. "$(dirname "$0")/../lib.sh"

gcc -g -o p "$tests/cases/parts/three_blocks.c" || fail "cannot compile"
(
	ulimit -f 0
	LEAK_OPTIONS="output=/proc/nope/x:summary=1:nonsense=1:help=1" LD_PRELOAD=$lib ./p 2>err
)
expect_eq status 9 $?
expect_eq "bytes on stderr" 0 "$(stat -c %s err)"
