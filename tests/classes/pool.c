// Blocks of a pool of the program's own have classes, and keep and lose others; the block they lie in has none.
// classes use_globals=1: definite=96/2 indirect=50/1 possible=48/1 reachable=88/2 unknown=4096/1
#include "parts/far.h"

#include "preload/leak.h"

#include <stdlib.h>

static char *pool;
static void **kept, **inside;

static void *take(size_t at)
{
	if (leak_pool_alloc)
		leak_pool_alloc(pool + at, 48);
	return pool + at;
}

static void work(void)
{
	void **lost, **freed;

	pool = calloc(1, 4096);
	kept = take(64);
	kept[2] = malloc(40);
	lost = take(128);
	lost[5] = malloc(50);
	inside = (void **)take(256) + 2;
	lost = take(512);
	freed = take(1024);
	if (leak_pool_free)
		leak_pool_free(freed);
}

int main(void)
{
	far_below(work);
	return 0;
}
