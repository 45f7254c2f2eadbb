#!/bin/bash
# `leak report PID` reads a running process: from its file, from a file that was removed, from memory.
. "$(dirname "$0")/../lib.sh"

gcc -g -O0 -o p "$tests/cases/parts/hundred_then_pause.c" || fail "cannot compile"

# expect_running PID: the report by pid has the program's hundred blocks.
expect_running() {
	run_leak report --format=json "$1" >"$work/report.json" 2>"$work/report.err" ||
		fail "leak report $1 failed: $(cat "$work/report.err")"
	expect_eq "state" running "$(field '.processes[0].state')"
	expect_eq "pid" "$1" "$(field '.processes[0].pid')"
	expect_eq "live blocks" 100 "$(field '.processes[0].live.blocks')"
	expect_eq "line of the site" 10 "$(field '.sites[0].frames[0].line')"
	expect_eq "bytes that were not readable" 0 "$(field '.processes[0].not_recorded.truncated_image_bytes')"
}

# start LIMIT: the program in the background, with files of at most LIMIT blocks; sets pid.
start() {
	(
		ulimit -f "$1"
		exec env LD_PRELOAD="$lib" LEAK_OPTIONS="output=$work/images/leak.%e.%p.leak" ./p
	) >ready 2>/dev/null &
	pid=$!
	read -r _ <ready
}
mkfifo ready
trap 'kill -9 $pid 2>/dev/null; cleanup' EXIT
start unlimited
expect_running $pid
expect_eq "image" "$(images)" "$(field '.processes[0].image')"
if type strace >/dev/null 2>&1 && strace -o trace true 2>/dev/null; then
	# Whether it runs, and as which pid, is one look.
	strace -o trace -e trace=openat "$leak" report "$(images)" >/dev/null 2>&1
	expect_eq "looks at the process" 1 "$(grep -c "\"/proc/$pid/stat\"" trace)"
fi
run_leak show $pid | grep -q "state *running" || fail "leak show PID does not say that it runs"

rm -f "$(images)"
if [ "$(id -u)" = 0 ]; then
	expect_running $pid
fi
kill -9 $pid
wait 2>/dev/null

# No file can be made: the tables are in memory.
start 0
expect_eq "images" "" "$(images)"
expect_running $pid
kill -9 $pid
wait 2>/dev/null

"$leak" report $pid >out 2>err
expect_eq "status for a process that is gone" 3 $?
grep -q "^leak: $pid: no such process and no such file;" err || fail "said: $(cat err)"
sleep 100 &
pid=$!
"$leak" report $pid >out 2>err
expect_eq "status for a process that is not recorded" 3 $?
grep -q "^leak: $pid: this process is not being recorded" err || fail "said: $(cat err)"
