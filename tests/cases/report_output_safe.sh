#!/bin/bash
# leak report -o never replaces an image that it reads, and never leaves half a report.
. "$(dirname "$0")/../lib.sh"

gcc -g -o p "$tests/cases/parts/three_blocks.c" || fail "cannot compile"
preloaded ./p
image=$(images | head -1)
before=$(sha256sum <"$image")
ln -s "$image" link
for name in "$image" link "$work/images/../images/${image##*/}"; do
	"$leak" report "$image" -o "$name" >out 2>err
	expect_eq "status for -o $name" 2 $?
	grep -q 'is one of the images' err || fail "message: $(cat err)"
done
"$leak" report "$work/images" -o "$image" 2>err
expect_eq "status for -o inside the directory that is read" 2 $?
expect_eq "the image afterwards" "$before" "$(sha256sum <"$image")"

echo old >kept
chmod 640 kept
(
	ulimit -f 0
	trap '' XFSZ
	"$leak" report "$image" -o kept 2>err
)
expect_eq "status of a report that does not fit" 3 $?
expect_eq "the file that was there before" old "$(cat kept)"
"$leak" report "$image" -o kept || fail "cannot write a report over a file"
expect_eq "its mode" 640 "$(stat -c %a kept)"
grep -q '^VERDICT' kept || fail "no report in the file"
expect_eq "files left aside" '' "$(find . -name '*.tmp')"

for where in "-o /dev/full" ">/dev/full"; do
	eval '"$leak" report "$image" '"$where" 2>err
	expect_eq "status for $where" 3 $?
	grep -q 'No space left on device' err || fail "message for $where: $(cat err)"
done
"$leak" show "$image" >/dev/full 2>err
expect_eq "status of show >/dev/full" 3 $?
grep -q 'No space left on device' err || fail "message of show: $(cat err)"
exit 0
