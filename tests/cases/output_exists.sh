#!/bin/bash
# A file that is already there is not overwritten, nor a symlink followed; recording goes on.
# pitfall: P32
. "$(dirname "$0")/../lib.sh"

gcc -g -o p "$tests/cases/parts/three_blocks.c" || fail "cannot compile"
echo precious >"$work/there"
ln -s "$work/there" "$work/link"
for target in there link; do
	LD_PRELOAD=$lib LEAK_OPTIONS="output=$work/$target" ./p >/dev/null 2>&1
	expect_eq "status with $target" 9 $?
	expect_eq "content behind $target" precious "$(cat "$work/there")"
done
