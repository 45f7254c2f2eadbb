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

# Nor is a file made beside what is no file: leak run does not begin, the recorder says so and goes on.
mkfifo "$work/pipe"
for target in "$work/pipe" /dev/null; do
	"$leak" run -o "$target" -- touch ran >out 2>err
	expect_eq "status of leak run -o $target" 2 $?
	expect_eq "what it says" "leak: $target: is there, and is no file: no image can be made by that name (LEAK_OPTIONS=file=0 records without one)" \
		"$(cat err)"
	[ ! -e ran ] || fail "the program ran with -o $target"
	LD_PRELOAD=$lib LEAK_OPTIONS="output=$target" ./p >out 2>err
	expect_eq "status with $target" 9 $?
	expect_eq "lines on stderr ($(cat err))" 1 "$(wc -l <err)"
	image=$(sed -n "s|^libleak: cannot create $target: it is there, and is no file; recording to \([^ ]*\) .*|\1|p" err)
	[ -s "$image" ] || fail "no image for $target: $(cat err)"
	rm "$image"
	[ ! -e "$target.1" ] || fail "there is a $target.1"
done
"$leak" run -o "$work/there" -- ./p 2>err
expect_eq "status of leak run -o FILE" 9 $?
[ -s "$work/there.1" ] || fail "no image beside a file: $(cat err)"
