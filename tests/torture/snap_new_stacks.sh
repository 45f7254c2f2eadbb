#!/bin/bash
# Snapshots of a process that makes new call stacks all the time: each block has its whole stack.
# timeout: 300
. "$(dirname "$0")/../lib.sh"

cat >stacks.c <<'END'
/* Each thread keeps its last 500 blocks; each comes by another way through 20 calls. */
#include <pthread.h>
#include <stdlib.h>
#define DEPTH 20
#define KEPT 500
static volatile int sink;
static void *left(unsigned way, int depth), *right(unsigned way, int depth);
static void *go(unsigned way, int depth)
{
	if (depth == 0) return malloc(24);
	return way & 1 ? left(way >> 1, depth - 1) : right(way >> 1, depth - 1);
}
static void *left(unsigned way, int depth) { void *p = go(way, depth); sink++; return p; }
static void *right(unsigned way, int depth) { void *p = go(way, depth); sink--; return p; }
static void *work(void *arg)
{
	static __thread void *kept[KEPT];
	for (unsigned n = 0;; n++) {
		free(kept[n % KEPT]);
		kept[n % KEPT] = go((n << 1 | (arg != NULL)) * 2654435761u >> 12, DEPTH);
	}
}
int main(void)
{
	pthread_t thread;
	if (pthread_create(&thread, NULL, work, &thread)) return 1;
	work(NULL);
}
END
gcc -g -O0 -o stacks stacks.c -lpthread || fail "cannot compile"
nice -n 19 env LD_PRELOAD="$lib" LEAK_OPTIONS="output=$work/images/leak.%e.%p.leak" ./stacks &
victim=$!
trap 'kill -9 $victim 2>/dev/null; cleanup' EXIT
wait_for 30 "$leak" show "$victim" || fail "no image"
blocks=0 sites=0
for i in $(seq 1 10); do
	"$leak" snap -q "$victim" -o "$i.leak" >/dev/null || fail "snapshot $i failed"
	run_leak report --json --no-symbolize "$i.leak" >"$work/report.json" || fail "snapshot $i cannot be read"
	read -r lacks broken live count < <(field '[
		(.processes[0].not_recorded | .unreadable_sites + .truncated_image_bytes),
		([.sites[] | select(.bytes == .blocks * 24 and ((.frames | length) < 42 or (.stack_complete | not)))] | length),
		.processes[0].live.blocks, (.sites | length)] | join(" ")')
	expect_eq "what snapshot $i lacks" 0 "$lacks"
	expect_eq "stacks of snapshot $i that are not whole" 0 "$broken"
	blocks=$((blocks + live))
	sites=$((sites + count))
	rm "$i.leak"
done
kill -0 "$victim" || fail "the process did not go on"
[ "$sites" -gt 5000 ] || fail "only $sites call sites: the test does not test"
echo "counted: $blocks blocks of $sites call sites in 10 snapshots, none without its stack"
