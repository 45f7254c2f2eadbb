#!/bin/bash
# A warm program makes ten million events without one system call of the recorder's.
# pitfall: P30 P55
. "$(dirname "$0")/../lib.sh"
need gcc strace jq

# Workers make and free blocks of their own at random, from 192 places, then take turns at those of
# all of them. Between two calls of getpgid nothing else is done; glibc's heaps are grown before.
cat >p.c <<'END_OF_C'
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORKERS = 3, BLOCKS = 3000, PATHS = 64, WARM = 300000, OWN = 1700000, SHARED = 50000 };

static void *blocks[WORKERS][BLOCKS];
static _Atomic int ready, go, done, turn = -1;
static volatile unsigned sum;

static void right(unsigned path, int depth, unsigned kind, void **block, size_t size);

static __attribute__((noinline)) void left(unsigned path, int depth, unsigned kind, void **block, size_t size)
{
	if (depth > 0) {
		(path & 1 ? left : right)(path >> 1, depth - 1, kind, block, size);
	} else if (kind == 0) {
		free(*block);
		*block = malloc(size);
	} else if (kind == 1) {
		free(*block);
		*block = calloc(1, size);
	} else {
		*block = realloc(*block, size);
	}
	sum++;
}

static __attribute__((noinline)) void right(unsigned path, int depth, unsigned kind, void **block, size_t size)
{
	left(path, depth, kind, block, size);
	sum++;
}

/* A round is two events, an allocation and the free of what was there. */
static void churn(void **from, unsigned count, unsigned rounds, unsigned *seed)
{
	for (unsigned i = 0; i < rounds; i++) {
		unsigned pick = *seed >> 8;

		*seed = *seed * 1664525 + 1013904223;
		/* Mostly small; some have a size that does not fit into the live index's first slot. */
		left(pick % PATHS, 6, pick / PATHS % 3, &from[(*seed >> 4) % count],
			pick % 16 ? pick / 256 % 500 : 500 + pick / 256 % 1500);
	}
}

static void grow_heap(void)
{
	static __thread void *many[6000];

	for (int i = 0; i < 6000; i++)
		many[i] = malloc(1000);
	for (int i = 0; i < 6000; i++)
		free(many[i]);
}

/* Everything from the same line, so that what was met while warming up is what is met later. */
static void *work(void *argument)
{
	int number = (int)(long)argument;
	unsigned seed = (unsigned)number + 1;

	grow_heap();
	for (int phase = 0; phase < 4; phase++) {
		int own = phase < 2;

		if (phase == 1 && ++ready == WORKERS) {
			getpgid(0);
			go = 1;
		}
		while ((phase == 1 && !go) || (!own && turn != (phase - 2) * WORKERS + number))
			;
		churn(own ? blocks[number] : blocks[0], own ? BLOCKS : WORKERS * BLOCKS,
			phase == 0 ? WARM : own ? OWN : SHARED, &seed);
		if (phase == 1 && ++done == WORKERS)
			turn = 0;
		else if (phase == 3 && turn + 1 == 2 * WORKERS)
			getpgid(0);
		if (!own)
			turn++;
	}
	while (turn < 2 * WORKERS)
		;
	return NULL;
}

int main(void)
{
	pthread_t threads[WORKERS];

	mallopt(M_TRIM_THRESHOLD, 1 << 30);
	mallopt(M_MMAP_THRESHOLD, 1 << 28);
	for (long i = 1; i < WORKERS; i++)
		if (pthread_create(&threads[i], NULL, work, (void *)i))
			return 1;
	work(NULL);
	for (int i = 1; i < WORKERS; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
END_OF_C
gcc -g -O1 -fno-optimize-sibling-calls -o p p.c -pthread || fail "cannot compile"

# calls LOG: the names and numbers of the system calls between the two marks.
calls() {
	awk '/getpgid\(/ { marks++; next } marks == 1 { sub(/^[0-9]+ +/, ""); sub(/[( ].*/, ""); print }' "$1" |
		sort | uniq -c | awk '{ print $2 "=" $1 }' | paste -sd' '
}

strace -f -o "$work/bare.log" ./p || fail "fails bare, or strace may not trace here: $?"
strace -f -o "$work/recorded.log" -E LD_PRELOAD="$lib" -E LEAK_OPTIONS="output=$work/images/p.%p.leak" ./p ||
	fail "fails under the recorder: $?"
for log in bare recorded; do
	expect_eq "marks in $log.log" 2 "$(grep -c "getpgid(" "$work/$log.log")"
done
expect_eq "calls while bare" '' "$(calls "$work/bare.log")"
expect_eq "calls under the recorder" '' "$(calls "$work/recorded.log")"
report
expect_eq "dropped" 0 "$(field '.processes[0].not_recorded.dropped_events')"
# 10.8 million between the marks, 1.8 before the first.
events=$(field '.processes[0].totals | .allocs + .frees')
echo "$events events"
[ "$events" -ge 12500000 ] || fail "too few events: $events"
