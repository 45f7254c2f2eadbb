#!/bin/bash
# file=0: the tables are in memory only, can be read while the process runs, and leave nothing behind.
. "$(dirname "$0")/../lib.sh"

gcc -g -O0 -o p "$tests/cases/parts/three_blocks.c" || fail "cannot compile"
OPTIONS=file=0:summary=1 preloaded ./p 2>err
expect_eq "status" 9 $?
expect_eq "images" "" "$(images)"
expect_eq "files here" "err p" "$(find . -type f -printf '%f\n' | sort | paste -sd' ')"
grep -q '; no image was wanted (file=0)$' err || fail "said: $(cat err)"

gcc -g -O0 -o q "$tests/cases/parts/hundred_then_pause.c" || fail "cannot compile"
mkfifo ready
env LD_PRELOAD="$lib" LEAK_OPTIONS=file=0 ./q >ready &
pid=$!
trap 'kill -9 $pid 2>/dev/null; cleanup' EXIT
read -r _ <ready
run_leak report --json $pid >"$work/report.json" || fail "leak report PID failed"
expect_eq "live blocks" 100 "$(field '.processes[0].live.blocks')"
expect_eq "missing bytes" 0 "$(field '.processes[0].not_recorded.truncated_image_bytes')"

LEAK_OPTIONS=file=0 "$leak" run -q -- ./p 2>err
expect_eq "status under leak run" 9 $?
expect_eq "said under leak run" "" "$(cat err)"
