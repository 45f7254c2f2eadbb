#!/bin/bash
# The disk is full while the program runs and has room again when it ends, in whatever way: the image is whole.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/parts/small_disk.inc"
need gcc jq unshare mountpoint
own_mounts

gcc -g -O0 -pthread -o p "$tests/cases/parts/grow_tables.c" || fail "cannot compile"
whole() { # STATUS STATE ARGUMENT…
	local expected=$1 state=$2
	shift 2
	small_disk 8m
	head -c 7m /dev/zero >"$work/disk/filler" || fail "cannot fill the disk"
	on_disk ./p "unlink=$work/disk/filler" "$@"
	expect_eq "status with $*" "$expected" "$status"
	[ ! -e "$work/disk/filler" ] || fail "the filler is still there"
	read_image || fail "with $* the image is not whole: $(cat "$work/report.err")"
	expect_eq "with $*" "$state 160000 2080000 0" "$(field '.processes[0] |
		"\(.state) \(.live.blocks) \(.live.bytes) \(.not_recorded | .memory_only_image_bytes + .truncated_image_bytes + .dropped_events)"')"
	expect_eq "sites with $*" "2080000" "$(field '[.sites[] | select(.kind == "heap") | .bytes] | add')"
}
whole 7 clean
whole 7 clean noexec
whole 0 exec exec
OPTIONS=handle_segv=1 whole 134 crashed abort

# The same without: what was in memory went with the process.
small_disk 8m
head -c 7m /dev/zero >"$work/disk/filler"
on_disk ./p "unlink=$work/disk/filler" abort
expect_eq "status of the abort" 134 "$status"
read_image && fail "an image without its tail is taken for whole"
expect_eq state killed "$(field '.processes[0].state')"
