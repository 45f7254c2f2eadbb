// Blocks of every kind of size from functions that tell it, two threads' blocks, and blocks of two ages.
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "preload/leak.h"

static void *volatile kept;
static pthread_barrier_t both;

#define SIZE(n) static __attribute__((noinline)) void malloc_##n(void) { kept = malloc(n##ul); }
#define SIZES(what) what(0) what(1) what(7) what(8) what(15) what(16) what(17) what(24) what(31) what(32) what(33) \
	what(510) what(511) what(512) what(513) what(1024) what(4095) what(4096) what(65536) what(1048576) what(3221225472)
SIZES(SIZE)
#define CALL(n) malloc_##n();

static __attribute__((noinline)) void from_calloc(void) { kept = calloc(73, 7); }
static __attribute__((noinline)) void from_realloc(void) { kept = realloc(malloc(3), 513); }
static __attribute__((noinline)) void from_reallocarray(void) { kept = reallocarray(NULL, 3, 171); }
static __attribute__((noinline)) void from_memalign(void) { kept = memalign(64, 517); }
static __attribute__((noinline)) void from_aligned_alloc(void) { kept = aligned_alloc(4096, 8192); }

static __attribute__((noinline)) void from_posix_memalign(void)
{
	void *block;

	if (posix_memalign(&block, 32, 509) == 0)
		kept = block;
}

// Neighbours of 0 to 1,499 bytes, every other one of them free again: 750 with 562,500 bytes remain.
static __attribute__((noinline)) void from_neighbours(void)
{
	static void *blocks[1500];

	for (size_t size = 0; size < 1500; size++)
		blocks[size] = malloc(size);
	for (size_t size = 0; size < 1500; size += 2)
		free(blocks[size]);
	kept = blocks[1];
}

static __attribute__((noinline)) void from_thread(void) { kept = malloc(77); }
static __attribute__((noinline)) void old(void) { kept = malloc(1111); }
static __attribute__((noinline)) void young(void) { kept = malloc(2222); }

static void *work(void *name)
{
	void *passed_on = malloc(888);

	pthread_setname_np(pthread_self(), name);
	if (leak_name_thread)
		leak_name_thread(NULL);
	from_thread();
	pthread_barrier_wait(&both); // both at once, or the second would take over the first's row
	return passed_on;
}

int main(void)
{
	pthread_t threads[2];
	void *passed_on;

	old();
	sleep(2);
	SIZES(CALL)
	from_calloc();
	from_realloc();
	from_reallocarray();
	from_memalign();
	from_aligned_alloc();
	from_posix_memalign();
	from_neighbours();
	pthread_barrier_init(&both, NULL, 2);
	pthread_create(&threads[0], NULL, work, "alpha");
	pthread_create(&threads[1], NULL, work, "beta");
	for (int i = 0; i < 2; i++) {
		pthread_join(threads[i], &passed_on);
		free(passed_on);
	}
	if (leak_mark)
		leak_mark("marked");
	young();
	return 0;
}
