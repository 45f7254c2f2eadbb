#!/bin/bash
# An output directory that cannot be made or written: one sentence, an image elsewhere.
# pitfall: P32
. "$(dirname "$0")/../lib.sh"

gcc -g -o p "$tests/cases/parts/three_blocks.c" || fail "cannot compile"
mkdir "$work/tmp"
for target in /proc/nonexistent/dir/x.leak /dev/null/x.leak; do
	TMPDIR=$work/tmp LD_PRELOAD=$lib LEAK_OPTIONS=output=$target ./p >out 2>err
	expect_eq "status with $target" 9 $?
	expect_eq "stdout with $target" '' "$(cat out)"
	[ "$(wc -l <err)" = 1 ] || fail "expected one line on stderr with $target: $(cat err)"
	image=$(grep -o '/[^ ,;:]*\.leak' err | grep -v "^$target" | head -1)
	[ -s "$image" ] || image=$(find . "$work/tmp" -name '*.leak' | head -1)
	[ -s "$image" ] || fail "no image anywhere; the message: $(cat err)"
	run_leak report --format=json "$image" >report.json || fail "unreadable: $image"
	expect_eq "live blocks with $target" 3 "$(jq '.processes[0].live.blocks' report.json)"
	rm -f "$image"
done
