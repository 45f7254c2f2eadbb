/*
 * What a scan for lost blocks costs, in CPU seconds by its steps and in memory.
 *
 *   gcc -O2 -I. -o /tmp/reach tests/bench/reach.c build/preload/reach*.o
 *   /tmp/reach [PATTERN [BLOCKS [SIZE]]]               random, 10 million, 200 bytes
 *
 * Blocks lie as in glibc's heap: 16 bytes aligned, 8 or more apart. PATTERN:
 *
 *   random   two pointers in each block to blocks anywhere, one block is a root: 4 in 5 are reached
 *   list     one pointer to the next block of a list in random order
 *   tree     a binary tree in the order of addresses
 *   lost     as random, without the root: everything is lost
 *   pairs    every second block points at a random one of the others, no roots
 *   roots    no pointers in blocks; each block is pointed at by a root
 *   plain    no pointers at all
 *
 * The other words of blocks are numbers, and one in eight is an address that is no block's.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "preload/reach.h"

static uint64_t seed = 88172645463325252u;

static uint64_t random_below(uint64_t limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint64_t)((unsigned __int128)seed * limit >> 64);
}

static double cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void *map(size_t size)
{
	void *ret = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (ret == MAP_FAILED) {
		perror("reach: mmap");
		exit(1);
	}
	return ret;
}

static const void *read_own(void *context, uint64_t at, uint64_t *size)
{
	(void)context;
	(void)size;
	return (const void *)(uintptr_t)at;
}

static void *allocate(void *context, size_t size)
{
	(void)context;
	return map(size);
}

static uint64_t count, size, spacing, heap;

static uint64_t *block(uint64_t number)
{
	return (uint64_t *)(uintptr_t)(heap + 16 + number * spacing);
}

/* A word of a block where pointers may be. */
static uint64_t *word_of(uint64_t number)
{
	return block(number) + random_below(size / 8);
}

static void fill(void)
{
	for (uint64_t i = 0; i < count; i++) {
		for (uint64_t k = 0; k < size / 8; k++)
			block(i)[k] = k % 8 == 5 ? (uintptr_t)&heap + i % 4096 : i + k;
	}
}

/* A random order of all numbers. */
static uint32_t *shuffled(void)
{
	uint32_t *order = map(count * sizeof(*order));

	for (uint64_t i = 0; i < count; i++) {
		uint64_t other = random_below(i + 1);

		order[i] = order[other];
		order[other] = (uint32_t)i;
	}
	return order;
}

static uint64_t *roots, roots_count;

static void connect(const char *pattern)
{
	if (!strcmp(pattern, "random") || !strcmp(pattern, "lost")) {
		for (uint64_t i = 0; i < count; i++) {
			for (int k = 0; k < 2; k++)
				*word_of(i) = (uintptr_t)block(random_below(count));
		}
		roots[0] = (uintptr_t)block(count / 2);
		roots_count = *pattern == 'r';
	} else if (!strcmp(pattern, "list")) {
		uint32_t *order = shuffled();

		for (uint64_t i = 0; i + 1 < count; i++)
			*word_of(order[i]) = (uintptr_t)block(order[i + 1]);
		roots[roots_count++] = (uintptr_t)block(order[0]);
	} else if (!strcmp(pattern, "tree")) {
		for (uint64_t i = 0; i < count; i++) {
			for (uint64_t k = 1; k <= 2 && 2 * i + k < count; k++)
				block(i)[k] = (uintptr_t)block(2 * i + k);
		}
		roots[roots_count++] = (uintptr_t)block(0);
	} else if (!strcmp(pattern, "pairs")) {
		for (uint64_t i = 0; i + 1 < count; i += 2)
			*word_of(i) = (uintptr_t)block(random_below(count / 2) * 2 + 1);
	} else if (!strcmp(pattern, "roots")) {
		for (uint64_t i = 0; i < count; i++)
			roots[roots_count++] = (uintptr_t)block(random_below(count));
	} else if (strcmp(pattern, "plain")) {
		fprintf(stderr, "reach: no pattern %s\n", pattern);
		exit(2);
	}
}

static uint64_t blocks_of[REACH_CLASS_COUNT];

static bool tally(void *context, const struct reach_block *found)
{
	(void)context;
	blocks_of[found->class]++;
	return true;
}

int main(int argc, char **argv)
{
	const char *pattern = argc > 1 ? argv[1] : "random";
	struct reach_view view = {.read = read_own, .allocate = allocate};
	struct reach_counts counts;
	struct reach *reach;
	double at[6];

	count = argc > 2 ? strtoull(argv[2], NULL, 0) : 10000000;
	size = argc > 3 ? strtoull(argv[3], NULL, 0) : 200;
	if (size < 24)
		size = 24;
	spacing = (size + 8 + 15) & ~15ull;
	heap = (uintptr_t)map(count * spacing + 16);
	roots = map(count * sizeof(*roots) + 8);
	fill();
	connect(pattern);

	at[0] = cpu();
	reach = reach_begin(&view, REACH_ALL_HEURISTICS);
	if (!reach)
		return 1;
	for (uint64_t i = 0; i < count; i++) {
		if (!reach_add(reach, (uintptr_t)block(i), size, i % 10000))
			return 1;
	}
	at[1] = cpu();
	if (!reach_ready(reach))
		return 1;
	at[2] = cpu();
	reach_from(reach, (uintptr_t)roots, (uintptr_t)(roots + roots_count));
	at[3] = cpu();
	reach_finish(reach);
	at[4] = cpu();
	reach_each(reach, tally, NULL);
	at[5] = cpu();

	reach_counts(reach, &counts);
	printf("%s: CPU s %.2f (add %.2f ready %.2f from %.2f finish %.2f each %.2f), "
	       "memory %.1f MB, %.2f %% of the heap; reachable %lu indirect %lu definite %lu\n",
		pattern, at[5] - at[0], at[1] - at[0], at[2] - at[1], at[3] - at[2], at[4] - at[3],
		at[5] - at[4], (double)counts.memory_bytes / 1e6,
		(double)counts.memory_bytes / (double)(count * spacing) * 100,
		blocks_of[REACH_REACHABLE], blocks_of[REACH_INDIRECT], blocks_of[REACH_DEFINITE]);
	return 0;
}
