#!/bin/bash
# A disk that is full at any of 50 points: the program is not disturbed; what the file lacks is told, or nothing is lacking.
# timeout: 600
# pitfall: P25 F18
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/parts/small_disk.inc"
need gcc jq unshare mountpoint
own_mounts

gcc -g -O0 -pthread -o p "$tests/cases/parts/grow_tables.c" || fail "cannot compile"
./p >bare
expect_eq "status of the bare run" 7 $?
ways=('' threads noexec)

# What each way leaves where there is room.
amounts='.processes[0] | "\(.totals.allocs) allocs, \(.totals.frees) frees, \(.live.blocks) blocks of \(.live.bytes) bytes"'
totals='.processes[0].totals | "\(.allocs) \(.frees) \(.allocated_bytes) \(.freed_bytes)"'
for way in "${ways[@]}"; do
	small_disk 16m
	# shellcheck disable=SC2086
	on_disk ./p $way
	read_image || fail "the image is not whole on a large disk"
	expected+=("$(field "$amounts")")
	expected_totals+=("$(field "$totals")")
done
expect_eq "a run on a large disk" "240000 allocs, 80000 frees, 160000 blocks of 2080000 bytes" "${expected[0]}"

lacking=0
for point in {1..50}; do
	small_disk $((point * 58))k
	way=$((point % ${#ways[@]}))
	# shellcheck disable=SC2086
	on_disk ./p ${ways[way]}
	expect_eq "status at point $point" 7 "$status"
	cmp bare out || fail "stdout differs at point $point"
	expect_eq "stderr at point $point" '' "$(grep -v '^libleak: cannot create' err)"
	[ -n "$image" ] || fail "no image at point $point"
	read_image
	whole=$?
	expect_eq "dropped events at point $point" 0 "$(field '.processes[0].not_recorded.dropped_events')"
	if [ $whole = 0 ]; then
		expect_eq "at point $point" "${expected[way]}" "$(field "$amounts")"
	else
		lacking=$((lacking + 1))
		# The totals are at the image's beginning.
		expect_eq "totals at point $point" "${expected_totals[way]}" "$(field "$totals")"
		gone=$(field '.processes[0].not_recorded.memory_only_image_bytes')
		[ "$gone" -gt 0 ] || fail "point $point: what is missing is not told: $(field -c '.processes[0].not_recorded')"
		[ $((point % 5)) = 0 ] || continue
		"$leak" report "$image" 2>/dev/null >text
		grep -q "bytes of the image were in the process's memory only" text || fail "no note at point $point: $(cat text)"
	fi
done
# Both kinds were there.
[ $lacking -ge 20 ] && [ $lacking -le 48 ] || fail "images that lack something: $lacking of 50"
echo "counted: $lacking of 50 images say what they lack"
