#!/bin/bash
# The image of a program that freed nearly all is small on disk, and the same report; not so while another thread runs.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/parts/small_disk.inc"
need gcc jq unshare mountpoint
own_mounts

gcc -g -O0 -pthread -o p "$tests/cases/parts/grow_tables.c" || fail "cannot compile"
kib() { # of disk that the image takes
	echo $(($(stat -c %b "$image") / 2))
}
run() { # ARGUMENT…: to a report that is whole
	on_disk ./p "$@"
	expect_eq "status with $*" 7 "$status"
	expect_eq "stderr with $*" '' "$(cat err)"
	read_image || fail "with $* the image is not whole: $(cat "$work/report.err")"
	expect_eq "files left with $*" "p.leak" "$(cd "$work/disk" && ls -I filler)"
	length=$(stat -c %s "$image")
	[ "$length" -gt 2300000 ] && [ "$length" -lt 3500000 ] || fail "length with $*: $length"
}

small_disk 16m
run free
expect_eq "what is left" "2 5 clean 240000" "$(field '.processes[0] | "\(.live.blocks) \(.live.bytes) \(.state) \(.totals.allocs)"')"
[ "$(kib)" -le 200 ] || fail "an image of next to nothing takes $(kib) KiB"
[ "$(stat -c %a "$image")" = 600 ] || fail "its mode is $(stat -c %a "$image")"

# Nothing to gain: left as it is.
small_disk 16m
run
expect_eq "what is left" "160000 2080000" "$(field '.processes[0] | "\(.live.blocks) \(.live.bytes)"')"
[ "$(kib)" -ge 2300 ] || fail "an image of 160,000 blocks takes $(kib) KiB"

small_disk 16m
run free stay
[ "$(kib)" -ge 2300 ] || fail "another thread runs, and the image takes $(kib) KiB"
expect_eq "own blocks" "2 5" "$(field '[.sites[] | select(any(.frames[]; .function == "make"))] | "\(map(.blocks) | add) \(map(.bytes) | add)"')"

# No room for the copy, and then none for the file either: what is in memory is not much, and is saved.
small_disk 2900k
run free
expect_eq "what is left" "2 5" "$(field '.processes[0] | "\(.live.blocks) \(.live.bytes)"')"
small_disk 1m
run free
expect_eq "what is left" "2 5" "$(field '.processes[0] | "\(.live.blocks) \(.live.bytes)"')"
