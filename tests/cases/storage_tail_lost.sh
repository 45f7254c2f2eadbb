#!/bin/bash
# Killed while a part of its image is in memory, because the disk is full: the report says how much is gone, and so does show.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/parts/small_disk.inc"
need gcc jq unshare mountpoint
own_mounts

gcc -g -O0 -pthread -o p "$tests/cases/parts/grow_tables.c" || fail "cannot compile"
small_disk 1m
on_disk ./p kill
expect_eq status 137 "$status"
read_image && fail "an image without its tail is taken for whole"
expect_eq "allocations" 240000 "$(field '.processes[0].totals.allocs')"
expect_eq "dropped events" 0 "$(field '.processes[0].not_recorded.dropped_events')"
gone=$(field '.processes[0].not_recorded.memory_only_image_bytes')
expect_eq "bytes that are missing" "$gone" "$(field '.processes[0].not_recorded.truncated_image_bytes')"
[ "$gone" -gt 1000000 ] && [ "$gone" -lt 3000000 ] || fail "gone: $gone"
live=$(field '.processes[0].live.blocks')
[ "$live" -gt 10000 ] && [ "$live" -lt 160000 ] || fail "live blocks in the part that is there: $live"

# note_of WORDS: the report's note has this number of bytes and these words.
note_of() {
	"$leak" report "$image" >text 2>/dev/null
	tr -d , <text | grep -q "note: \[[0-9]*\] $gone bytes of the image $1" || fail "no such note: $(cat text)"
	grep -q "^VERDICT  at least" text || fail "the verdict hides that something is missing: $(head -n 2 text)"
}
note_of "were in the process's memory only and are gone: its file could not grow"
"$leak" show "$image" >text 2>/dev/null
grep -q "in memory only  *from [0-9]* on" text || fail "show does not tell: $(head -n 20 text)"

# While it runs.
small_disk 1m
rm out
LD_PRELOAD=$lib LEAK_OPTIONS=output=$work/disk/p.leak ./p wait >out &
wait_for 20 grep -qs sum out || fail "it does not come to its end"
image=$work/disk/p.leak
read_image && fail "an image of a running process without its tail is taken for whole"
gone=$(field '.processes[0].not_recorded.memory_only_image_bytes')
note_of "are in the process's memory only: its file could not grow"
kill -9 $!
wait 2>/dev/null
exit 0
