/*
 * A pool allocator that tells libleak about its blocks: the pool's own chunk is one heap block, the
 * blocks inside it are told one by one, with the stack that asked for each.
 *
 * expect: state=clean
 * expect: site function=pool_take line=26 bytes=80 blocks=5 allocator=custom frame=make_point
 * expect: site function=pool_open line=17 bytes=4096 blocks=1 allocator=malloc
 */
#include "preload/leak.h"
#include <stdlib.h>

static char *pool;
static size_t pool_used;

static void pool_open(void)
{
	pool = malloc(4096);
}

static void *pool_take(size_t size)
{
	void *block = pool + pool_used;

	pool_used += size;
	if (leak_pool_alloc)
		leak_pool_alloc(block, size);
	return block;
}

static void pool_drop(void *block)
{
	if (leak_pool_free)
		leak_pool_free(block);
}

static double *make_point(double x, double y)
{
	double *point = pool_take(2 * sizeof *point);

	point[0] = x;
	point[1] = y;
	return point;
}

int main(void)
{
	pool_open();
	for (int i = 0; i < 8; i++) {
		double *point = make_point(i, -i);

		if (i < 3)
			pool_drop(point);
	}
	return 0;
}
