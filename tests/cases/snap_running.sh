#!/bin/bash
# `leak snap` copies a running image: exact, small, private, and of its own time; the process goes on.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/parts/server.inc"

# json FILE: the JSON report on it, in $work/report.json.
json() {
	run_leak report --format=json "$1" >"$work/report.json" 2>"$work/report.err" ||
		fail "leak report $1 failed: $(cat "$work/report.err")"
}

# sessions: live blocks, bytes and the line of the site where sessions are opened.
sessions() {
	field '.sites[] | select(.frames[0].function == "open_session") | "\(.blocks) \(.bytes) \(.frames[0].line)"'
}

build_server
open_place=$(place 'malloc(sizeof(*session))')
line=${open_place##*:}
start_server
ask ggg
"$leak" snap --no-check "$server" --label 'before the night' >out 2>err || fail "leak snap failed: $(cat err)"
snap1=leak.server.$server.snap1.leak
expect_eq "what it printed" "snapshot $snap1
VERDICT  309.6 KiB in 3,010 blocks live when this snapshot was taken (still running then), 2 call sites; the largest, in open_session ($open_place), holds 98%
next: leak report $snap1" "$(cat out)"
expect_eq "files" "$snap1" "$(find . -name 'leak*' -printf '%f')"
expect_eq "mode" 600 "$(stat -c %a "$snap1")"

# The process goes on, and a second snapshot has what it did; by the image's name, and quietly.
ask fgm
image=$(images)
expect_eq "the second name" "leak.server.$server.snap2.leak" "$("$leak" snap --no-check -q "$image" 2>&1)"
snap2=leak.server.$server.snap2.leak
"$leak" snap --no-check -q "$server" -o named.leak >out 2>err || fail "leak snap -o failed: $(cat err)"
expect_eq "the name asked for" named.leak "$(cat out)"

# Holes stay holes: the copy is no larger than what is used, and takes no more than the original.
used=$("$leak" show "$snap2" | sed -n 's/^  bytes  *\([0-9]*\), .*/\1/p')
expect_eq "length" "$used" "$(stat -c %s "$snap2")"
[ "$(stat -c %b "$snap2")" -le "$(stat -c %b "$image")" ] || fail "the copy takes more than the image"

# Ages count back from the snapshot, now and also when the process has ended.
sleep 1.2
json "$snap1"
cp "$work/report.json" then.json
end_server
expect_eq "status of the server" 3 "$ended"
json "$snap1"
cmp -s then.json "$work/report.json" || fail "the report changes: $(diff then.json "$work/report.json")"
for i in 1 2; do
	file=snap$i
	json "${!file}"
	expect_eq "state of snapshot $i" running "$(field '.processes[0].state')"
	expect_eq "pid of snapshot $i" "$server" "$(field '.processes[0].pid')"
	expect_eq "missing of snapshot $i" 0 "$(field '.processes[0].not_recorded | .unreadable_sites + .truncated_image_bytes + .unsized_blocks')"
	expect_eq "age in snapshot $i" true "$(field '.processes[0].run_seconds as $run | [.sites[].oldest_seconds <= $run and $run < 30] | all')"
done
expect_eq "sessions of snapshot 2" "1000 104000 $line" "$(sessions)"
expect_eq "regions of snapshot 2" 1 "$(field '.processes[0].regions.mmap.count')"
expect_eq "label of snapshot 2" null "$(field '.processes[0].snapshot.label')"
json "$snap1"
expect_eq "sessions of snapshot 1" "3000 312000 $line" "$(sessions)"
expect_eq "regions of snapshot 1" 0 "$(field '.processes[0].regions.mmap.count')"
expect_eq "label of snapshot 1" 'before the night' "$(field '.processes[0].snapshot.label')"
taken=$(field '.processes[0].snapshot.unix_seconds | floor')
now=$(date +%s)
[ "$taken" -le "$now" ] && [ "$taken" -ge $((now - 110)) ] || fail "it was taken at $taken, and now is $now"
"$leak" report "$snap1" | grep -q "\[$server\] still running when this snapshot was taken after .* ('before the night')\$" ||
	fail "the text does not say what it is: $("$leak" report "$snap1")"
"$leak" top "$snap1" | grep -qx 'this is a snapshot: it does not change' || fail "leak top of a snapshot"

# One process does not count twice; the newest image of a directory is no snapshot.
"$leak" report "$image" "$snap1" "$snap2" --json >"$work/report.json" 2>err || fail "status of a report with snapshots: $?"
expect_eq "processes of a report with snapshots" 1 "$(field '.processes | length')"
expect_eq "snapshots that are said to be left out" 2 "$(grep -c "^leak: leak.server.*: left out: it is of the same process as $image" err)"
cp "$image" own.leak
touch -d '1 hour ago' own.leak
"$leak" report --json >"$work/report.json"
expect_eq "the newest image" own.leak "$(field '.processes[0].image')"
rm own.leak named.leak "$snap1"
"$leak" report --json >"$work/report.json"
expect_eq "the newest snapshot" "$snap2" "$(field '.processes[0].image')"
