#!/bin/bash
# One leak, seen through every door: at exit, after kill -9, alive, in a core by gcore, after a crash.
. "$(dirname "$0")/../lib.sh"

cat >p.c <<'END'
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
static void *volatile kept[1000];
static void small(int i) { kept[i] = malloc((size_t)i % 100 + 1); }
static void large(int i) { kept[i] = calloc(100, (size_t)i); }
static void grown(int i) { kept[i] = realloc(malloc(10), (size_t)i * 3); }
int main(int argc, char **argv)
{
	for (int i = 0; i < 900; i++)
		i % 3 == 0 ? small(i) : i % 3 == 1 ? large(i) : grown(i);
	for (int i = 0; i < 900; i += 7) free(kept[i]);
	kept[999] = mmap(NULL, 123456, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (argc > 1 && strcmp(argv[1], "crash") == 0) *(volatile int *)16 = 1;
	if (argc > 1 && strcmp(argv[1], "kill") == 0) kill(getpid(), SIGKILL);
	if (argc > 1) pause();
	return 0;
}
END
gcc -g -O0 -o p p.c 2>/dev/null || fail "cannot compile"

# start NAME ARGUMENTS…: the program in the background, its image at $work/images/NAME.leak.
start() {
	local name=$1
	shift
	(
		ulimit -c unlimited
		exec env LD_PRELOAD="$lib" LEAK_OPTIONS="output=$work/images/$name.leak" ./p "$@"
	) 2>/dev/null &
	pid=$!
}

# see NAME OPERAND: what is unfreed by call site goes to $work/NAME.sites.
see() {
	run_leak report --json "$2" >"$work/$1.json" 2>"$work/report.err" ||
		fail "$1: leak report failed: $(cat "$work/report.err")"
	jq -c '[.sites[] | {id, kind, bytes, blocks, frames: [.frames[] | "\(.function):\(.line)"]}]
		| sort_by(.id) | .[]' "$work/$1.json" >"$work/$1.sites"
	[ "$(wc -l <"$work/$1.sites")" = 4 ] || fail "$1: not 4 sites: $(cat "$work/$1.sites")"
	cmp -s "$work/exit.sites" "$work/$1.sites" ||
		fail "$1 differs from exit: $(diff "$work/exit.sites" "$work/$1.sites")"
}

# is NAME STATE SIGNAL: how the process ended.
is() {
	expect_eq "$1" "$2 $3" "$(jq -r '.processes[0] | "\(.state) \(.signal)"' "$work/$1.json")"
}

start exit
wait $pid
see exit "$work/images/exit.leak"
is exit clean null

start kill kill
wait $pid 2>/dev/null
see kill "$work/images/kill.leak"
is kill killed null

start alive stay
paused() { # the system call that it waits in is pause
	grep -q '^34 ' /proc/$pid/syscall
}
if [ -r /proc/$pid/syscall ]; then
	wait_for 10 paused || fail "the program never came to rest"
else
	sleep 2
fi
see alive $pid
is alive running null
doors='exit, kill -9, alive'
if type gcore >/dev/null 2>&1 && gcore -o "$work/gcore" $pid >/dev/null 2>&1; then
	see gcore "$work/gcore.$pid"
	is gcore running null
	kill -9 $pid
	wait $pid 2>/dev/null
	rm "$work/images/alive.leak"
	# The tables are in the core itself.
	see gcore "$work/gcore.$pid"
	doors+=', gcore'
fi
kill -9 $pid 2>/dev/null

start crash crash
wait $pid 2>/dev/null
see crash "$work/images/crash.leak"
is crash killed null
for core in core "core.$pid"; do
	[ -f "$core" ] || continue
	see core "$core"
	is core crashed 11
	expect_eq "fault address" 16 "$(jq '.processes[0].fault_address' "$work/core.json")"
	rm "$work/images/crash.leak"
	see core "$core"
	doors+=', core'
done
echo "counted: doors that agree: $doors"
