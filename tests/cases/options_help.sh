#!/bin/bash
# LEAK_OPTIONS=help=1 lists every option; the program runs on as always.
. "$(dirname "$0")/../lib.sh"

gcc -g -o p "$tests/cases/parts/three_blocks.c" || fail "cannot compile"
LD_PRELOAD=$lib LEAK_OPTIONS=help=1 ./p >out 2>err
expect_eq status 9 $?
[ -s out ] && fail "stdout is not silent"
for option in output summary unwind depth signal interval verify oracle; do
	grep -q "$option" err || fail "help does not name $option: $(cat err)"
done
