#!/bin/bash
# The core of a program that lives on, by gcore: its threads, without a signal, and its map.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/core.inc"

need gcc jq gcore
cat >p.c <<'END'
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
static pthread_barrier_t barrier;
static void *waiter(void *arg)
{
	for (int i = 0; i < 100; i++) malloc(1000);
	pthread_barrier_wait(&barrier);
	for (;;) pause();
	return arg;
}
int main(void)
{
	pthread_t threads[2];
	pthread_barrier_init(&barrier, NULL, 3);
	for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, waiter, NULL);
	pthread_barrier_wait(&barrier);
	usleep(1100000);
	malloc(10); write(1, "ready\n", 6); // the last sign of it: in another second
	for (;;) pause();
}
END
gcc -g -O0 -w -o p p.c -lpthread || fail "cannot compile"
mkfifo ready
./p >ready &
pid=$!
trap 'kill -9 $pid 2>/dev/null; cleanup' EXIT
read -r _ <ready
gcore -o "$work/core" $pid >"$work/gdb.out" 2>&1 || skip "gcore cannot look at a process here: $(tail -n 1 "$work/gdb.out")"
core=$work/core.$pid
core_report "$core"
expect_eq "process" "$pid running null null" "$(field '.processes[0] | "\(.pid) \(.state) \(.signal) \(.fault_address)"')"
expect_eq "signals" null "$(field '[.processes[0].threads_at_end[].signal] | unique | map(tostring) | join(" ")')"
expect_eq "stacks" "main:20 waiter:9 waiter:9" "$(for i in 0 1 2; do stack $i; done | sort | tr '\n' ' ' | sed 's/ $//')"
expect_eq "arenas" 3 "$(field '.processes[0].heap.arenas | length')"
expect_eq "blocks of the threads' arenas" "101 101" "$(field '[.processes[0].heap.arenas[1:][].used.blocks] | map(tostring) | join(" ")')"
expect_eq "heaps of threads' arenas" 2 "$(field '.processes[0].memory_map[] | select(.kind == "thread_arena").mappings')"
expect_eq "thread stacks" 2 "$(field '.processes[0].memory_map[] | select(.kind == "thread_stack").mappings')"
"$leak" report "$core" >"$work/report.txt" 2>/dev/null
in_text '^VERDICT  .*; here is what the core tells$' 'lived on when its core was written$' '^threads when the core was written: 3$'

# Of a process that was recorded and then did nothing it is known how long it ran at least.
kill -9 $pid
wait 2>/dev/null
(exec env LD_PRELOAD="$lib" LEAK_OPTIONS="output=$work/images/leak.%e.%p.leak" ./p) >ready &
pid=$!
read -r _ <ready
sleep 0.3
gcore -o "$work/idle" $pid >"$work/gdb.out" 2>&1 || skip "gcore cannot look at a process here: $(tail -n 1 "$work/gdb.out")"
"$leak" report "$work/idle.$pid" >"$work/report.txt" 2>/dev/null
in_text 'lived on when its core was written after at least 1.[0-9]* s, recorded since '
"$leak" report "$work/images" >"$work/report.txt" 2>/dev/null
in_text 'still running after [0-9.]* m*s, recorded since '
exit 0
