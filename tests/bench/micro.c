/*
 * The micro benchmarks: micro MODE ARGUMENTS. Prints one figure: CPU nanoseconds of the process (all
 * threads) per malloc+free pair, without start and end of the process.
 *
 *   same DEPTH N        the same stack again and again
 *   vary DEPTH N        three to four innermost frames change from call to call
 *   threads T N         T threads, depth 20, varying frames, N pairs each
 *   cross T N           T threads that free each other's blocks
 *   life fifo|lifo|random LIVE N   blocks live for LIVE further allocations
 *   sites SITES N       calls from SITES different stacks, at random
 *   live SIZE N         N live blocks of SIZE bytes, freed at the end: prints resident KiB instead
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile int sink;

static double cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static uint64_t next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 2685821657736338717ull;
}

#define FRAME __attribute__((noinline, noclone))

/* ---- pairs at a depth ---- */

static FRAME void pair(void)
{
	void *block = malloc(32);

	*(volatile char *)block = 1;
	free(block);
	sink++;
}

static FRAME void inner(int i)
{
	if (i & 1)
		pair();
	else
		sink--, pair();
	sink++;
}

static FRAME void middle(int i)
{
	if (i & 2)
		inner(i), sink++;
	else
		inner(i), sink--;
}

static FRAME void outer(int i)
{
	if (i & 4)
		middle(i), sink++;
	else
		middle(i), sink--;
}

struct body {
	void (*run)(const struct body *);
	long n;
	int vary;
	double ns;
};

static FRAME void pairs(const struct body *b)
{
	double start = cpu_ns();

	for (long i = 0; i < b->n; i++)
		outer(b->vary ? (int)i : 0);
	((struct body *)b)->ns = (cpu_ns() - start) / (double)b->n;
}

/* main, pairs, outer, middle, inner, pair and what is above main make 9. */
static FRAME void descend(int depth, const struct body *b)
{
	volatile char room[48];

	room[0] = (char)depth;
	if (depth > 9)
		descend(depth - 1, b);
	else
		b->run(b);
	sink += room[0];
}

static double at_depth(int depth, long n, int vary)
{
	struct body b = {.run = pairs, .n = n / 10 + 1, .vary = vary};

	descend(depth, &b); /* warm */
	b.n = n;
	descend(depth, &b);
	return b.ns;
}

/* ---- threads ---- */

static long thread_n;
static pthread_barrier_t barrier;

static void *thread_pairs(void *unused)
{
	struct body b = {.run = pairs, .n = thread_n, .vary = 1};

	pthread_barrier_wait(&barrier);
	descend(20, &b);
	return unused;
}

#define HANDS 1024
static _Atomic(void *) hands[HANDS];

static void *thread_cross(void *argument)
{
	uint64_t seed = (uintptr_t)argument + 1;

	pthread_barrier_wait(&barrier);
	for (long i = 0; i < thread_n; i++)
		free(atomic_exchange(&hands[next(&seed) % HANDS], malloc(next(&seed) % 256)));
	return NULL;
}

static double in_threads(int threads, long n, void *(*body)(void *))
{
	pthread_t ids[64];
	double start;

	thread_n = n;
	pthread_barrier_init(&barrier, NULL, (unsigned)threads + 1);
	for (int i = 0; i < threads; i++)
		pthread_create(&ids[i], NULL, body, (void *)(uintptr_t)i);
	start = cpu_ns();
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	return (cpu_ns() - start) / ((double)n * threads);
}

/* ---- lifetimes ---- */

static double lifetimes(const char *order, long live, long n)
{
	void **blocks = calloc((size_t)live, sizeof(*blocks));
	uint64_t seed = 1;
	double start = 0;
	long at = 0;

	for (long i = -live; i < n; i++) {
		if (i == 0)
			start = cpu_ns();
		if (order[0] == 'f')
			at = (i + live) % live;
		else if (order[0] == 'l')
			at = ((i + live) / live) % 2 ? live - 1 - (i + live) % live : (i + live) % live;
		else
			at = (long)(next(&seed) % (uint64_t)live);
		free(blocks[at]);
		blocks[at] = malloc(16 + (next(&seed) & 255));
	}
	return (cpu_ns() - start) / (double)n;
}

/* ---- many sites ---- */

static FRAME void branch(uint64_t path, int levels);

#define BRANCH(n)                                                  \
	static FRAME void branch_##n(uint64_t path, int levels)    \
	{                                                          \
		branch(path, levels);                              \
		sink++;                                            \
	}
BRANCH(0)
BRANCH(1)
BRANCH(2)
BRANCH(3)

static FRAME void branch(uint64_t path, int levels)
{
	static void (*const ways[])(uint64_t, int) = {branch_0, branch_1, branch_2, branch_3};

	if (levels == 0)
		pair();
	else
		ways[path & 3](path >> 2, levels - 1);
	sink++;
}

static double many_sites(uint64_t sites, long n)
{
	uint64_t seed = 1;
	double start = 0;

	for (long i = -(long)sites; i < n; i++) {
		if (i == 0)
			start = cpu_ns();
		branch(i < 0 ? (uint64_t)-i - 1 : next(&seed) % sites, 9); /* 4^9 ways */
	}
	return (cpu_ns() - start) / (double)n;
}

/* ---- memory ---- */

static double resident_kib(void)
{
	long pages = 0, ignored;
	FILE *statm = fopen("/proc/self/statm", "r");

	if (!statm || fscanf(statm, "%ld %ld", &ignored, &pages) != 2)
		return -1;
	fclose(statm);
	return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1024;
}

static double live_blocks(size_t size, long n)
{
	void **last = NULL;

	for (long i = 0; i < n; i++) {
		void **block = malloc(size < sizeof(void *) ? sizeof(void *) : size);

		*block = last;
		last = block;
	}
	return resident_kib() - (last ? 0 : 1);
}

int main(int argc, char **argv)
{
	const char *mode = argc > 3 ? argv[1] : "";
	double figure;

	if (strcmp(mode, "same") == 0 || strcmp(mode, "vary") == 0)
		figure = at_depth(atoi(argv[2]), atol(argv[3]), mode[0] == 'v');
	else if (strcmp(mode, "threads") == 0)
		figure = in_threads(atoi(argv[2]), atol(argv[3]), thread_pairs);
	else if (strcmp(mode, "cross") == 0)
		figure = in_threads(atoi(argv[2]), atol(argv[3]), thread_cross);
	else if (strcmp(mode, "life") == 0 && argc > 4)
		figure = lifetimes(argv[2], atol(argv[3]), atol(argv[4]));
	else if (strcmp(mode, "sites") == 0)
		figure = many_sites((uint64_t)atol(argv[2]), atol(argv[3]));
	else if (strcmp(mode, "live") == 0)
		figure = live_blocks((size_t)atol(argv[2]), atol(argv[3]));
	else
		return fprintf(stderr, "usage: see the head of micro.c\n"), 2;
	printf("%.1f\n", figure);
	return 0;
}
