/*
 * The micro benchmarks: micro MODE ARGUMENTS. The last line on stderr (the standard output belongs to
 * what is measured around us) is `figure` and
 *
 *   - CPU nanoseconds of the process, all threads, per malloc+free pair, without its start and end
 *     (live, hold: resident KiB of the process);
 *   - elapsed nanoseconds per pair;
 *   - CPU nanoseconds of the process so far, with its start;
 *   - the number of pairs.
 *
 *   same DEPTH N        the same stack of 5, or of more than 10, frames again and again
 *   vary DEPTH N        the same, but the return addresses of three (of 5) or four of them change
 *   threads T N         T threads, depth 20, varying frames, N pairs each
 *   cross T N           T threads that free each other's blocks
 *   life fifo|lifo|random LIVE N   blocks live for LIVE further allocations
 *   sites SITES N       calls from SITES different stacks, at random
 *   live SIZE N         N live blocks of SIZE bytes; of each only the first word is written
 *   hold SITES SIZE N   the same from SITES different stacks, never freed
 *   forks plain|alloc N    N children one after the other; alloc: each makes one malloc+free pair
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile int sink;

static double cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double elapsed_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* What is being measured: from begin to end. */
static struct {
	double cpu_ns, elapsed_ns;
	long pairs;
} span;

static void begin(void)
{
	span.elapsed_ns = elapsed_ns();
	span.cpu_ns = cpu_ns();
}

static void end(long pairs)
{
	span.cpu_ns = cpu_ns() - span.cpu_ns;
	span.elapsed_ns = elapsed_ns() - span.elapsed_ns;
	span.pairs = pairs;
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

/* The same call from two places, as i's bit says: two return addresses. The text of the empty assembly
 * differs, so that the compiler does not make one call of the two; and no call is the last thing. */
#define FROM_TWO_PLACES(i, bit, call)                          \
	do {                                                   \
		if ((i) & (bit)) {                             \
			call;                                  \
			__asm__ volatile("# " #bit ": one");   \
		} else {                                       \
			call;                                  \
			__asm__ volatile("# " #bit ": other"); \
		}                                              \
	} while (0)

/* Which places: without a short period, so that every frame in turn is the outermost that changes and
 * no order of the changes is favoured. */
static int scatter(long at)
{
	return (int)((uint32_t)at * 2654435761u >> 28);
}

static FRAME void inner(int i)
{
	FROM_TWO_PLACES(i, 8, pair());
}

static FRAME void middle(int i)
{
	FROM_TWO_PLACES(i, 4, inner(i));
}

static FRAME void outer(int i)
{
	FROM_TWO_PLACES(i, 2, middle(i));
}

struct body {
	void (*run)(const struct body *);
	long n;
	int vary;
};

static FRAME void pairs(const struct body *b)
{
	for (long at = 0; at < b->n; at++) {
		int i = b->vary ? scatter(at) : 0;

		FROM_TWO_PLACES(i, 1, outer(i));
	}
}

static FRAME void timed_pairs(const struct body *b)
{
	begin();
	pairs(b);
	end(b->n);
}

/* Frames from pair to _start without descend's: pair, inner, middle, outer, pairs, timed_pairs, main
 * (with at_depth in it) and three of libc. */
#define FRAMES_AROUND 10

static FRAME void descend(int frames, const struct body *b)
{
	volatile char room[48];

	room[0] = (char)frames;
	if (frames > 1)
		descend(frames - 1, b);
	else
		b->run(b);
	sink += room[0];
}

/* Five frames are too few for main and libc's three above it: a thread has only two above its
 * function. Here the return addresses of all three that are ours change. */
static FRAME void shallow_pair(int i)
{
	volatile char *block;

	FROM_TWO_PLACES(i, 4, block = malloc(32));
	*block = 1;
	free((void *)block);
}

static FRAME void shallow_inner(int i)
{
	FROM_TWO_PLACES(i, 2, shallow_pair(i));
}

static void *shallow_pairs(void *argument)
{
	const struct body *b = argument;

	for (long at = -b->n / 10; at < b->n; at++) {
		int i = b->vary ? scatter(at) : 0;

		if (at == 0)
			begin();
		FROM_TWO_PLACES(i, 1, shallow_inner(i));
	}
	end(b->n);
	return NULL;
}

static void at_depth(int depth, long n, int vary)
{
	struct body b = {.run = timed_pairs, .n = n, .vary = vary};
	pthread_t thread;

	if (depth <= FRAMES_AROUND) {
		pthread_create(&thread, NULL, shallow_pairs, &b);
		pthread_join(thread, NULL);
		return;
	}
	b.n = n / 10 + 1; /* warm */
	for (int i = 0; i < 2; i++, b.n = n)
		descend(depth - FRAMES_AROUND, &b);
}

/* ---- threads ---- */

static long thread_n;
static pthread_barrier_t barrier;

static void *thread_pairs(void *unused)
{
	struct body b = {.run = pairs, .n = thread_n, .vary = 1};

	pthread_barrier_wait(&barrier);
	descend(20 - 8, &b); /* here pairs, thread_pairs and two of libc */
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

static void in_threads(int threads, long n, void *(*body)(void *))
{
	pthread_t ids[64];

	thread_n = n;
	pthread_barrier_init(&barrier, NULL, (unsigned)threads + 1);
	for (int i = 0; i < threads; i++)
		pthread_create(&ids[i], NULL, body, (void *)(uintptr_t)i);
	begin();
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	end(n * threads);
}

/* ---- lifetimes ---- */

static void lifetimes(const char *order, long live, long n)
{
	void **blocks = calloc((size_t)live, sizeof(*blocks));
	uint64_t seed = 1;
	long at = 0;

	for (long i = -live; i < n; i++) {
		if (i == 0)
			begin();
		if (order[0] == 'f')
			at = (i + live) % live;
		else if (order[0] == 'l')
			at = ((i + live) / live) % 2 ? live - 1 - (i + live) % live : (i + live) % live;
		else
			at = (long)(next(&seed) % (uint64_t)live);
		free(blocks[at]);
		blocks[at] = malloc(16 + (next(&seed) & 255));
	}
	end(n);
}

/* ---- many sites ---- */

static void (*volatile leaf)(void) = pair;
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
		leaf();
	else
		ways[path & 3](path >> 2, levels - 1);
	sink++;
}

static void many_sites(uint64_t sites, long n)
{
	uint64_t seed = 1;

	for (long i = -(long)sites; i < n; i++) {
		if (i == 0)
			begin();
		branch(i < 0 ? (uint64_t)-i - 1 : next(&seed) % sites, 9); /* 4^9 ways */
	}
	end(n);
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

static void **last; /* every live block leads to the one before */
static size_t size;

static FRAME void keep(void)
{
	void **block = malloc(size < sizeof(void *) ? sizeof(void *) : size);

	*block = last;
	last = block;
}

static double live_blocks(long n)
{
	for (long i = 0; i < n; i++)
		keep();
	span.pairs = n;
	return resident_kib();
}

static double hold_blocks(uint64_t sites, long n)
{
	leaf = keep;
	for (long i = 0; i < n; i++)
		branch((uint64_t)i % sites, 9);
	span.pairs = n;
	return resident_kib();
}

/* ---- forks ---- */

static FRAME void forks(int allocate, long n)
{
	pair(); /* a recorder that starts late has started in the parent */
	begin();
	for (long i = 0; i < n; i++) {
		pid_t child = fork();

		if (child == 0) {
			if (allocate)
				pair();
			_exit(0);
		}
		if (child < 0 || waitpid(child, NULL, 0) < 0)
			exit(1);
	}
	end(n);
}

int main(int argc, char **argv)
{
	const char *mode = argc > 3 ? argv[1] : "";
	double kib = 0;

	if (strcmp(mode, "same") == 0 || strcmp(mode, "vary") == 0)
		at_depth(atoi(argv[2]), atol(argv[3]), mode[0] == 'v');
	else if (strcmp(mode, "threads") == 0)
		in_threads(atoi(argv[2]), atol(argv[3]), thread_pairs);
	else if (strcmp(mode, "cross") == 0)
		in_threads(atoi(argv[2]), atol(argv[3]), thread_cross);
	else if (strcmp(mode, "life") == 0 && argc > 4)
		lifetimes(argv[2], atol(argv[3]), atol(argv[4]));
	else if (strcmp(mode, "sites") == 0)
		many_sites((uint64_t)atol(argv[2]), atol(argv[3]));
	else if (strcmp(mode, "live") == 0) {
		size = (size_t)atol(argv[2]);
		kib = live_blocks(atol(argv[3]));
	} else if (strcmp(mode, "hold") == 0 && argc > 4) {
		size = (size_t)atol(argv[3]);
		kib = hold_blocks((uint64_t)atol(argv[2]), atol(argv[4]));
	} else if (strcmp(mode, "forks") == 0)
		forks(argv[2][0] == 'a', atol(argv[3]));
	else
		return fprintf(stderr, "usage: see the head of micro.c\n"), 2;
	fprintf(stderr, "figure %.1f %.2f %.0f %ld\n",
		kib > 0 ? kib : span.cpu_ns / (double)span.pairs, span.elapsed_ns / (double)span.pairs,
		cpu_ns(), span.pairs);
	return 0;
}
