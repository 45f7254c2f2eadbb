// Blocks of the aligned functions are kept by their start, and lost without it.
// classes: definite=400/1 indirect=100/1 possible=8192/1 reachable=5300/4
#define _GNU_SOURCE
#include "parts/far.h"

#include <malloc.h>
#include <stdlib.h>

static void *by_posix, *by_memalign, *by_iso, *by_valloc;
static char *inside;

static void work(void)
{
	void **lost;

	if (posix_memalign(&by_posix, 4096, 100))
		exit(1);
	by_memalign = memalign(64, 200);
	by_iso = aligned_alloc(256, 1000);
	by_valloc = valloc(4000);
	inside = (char *)memalign(65536, 8192) + 64;
	lost = memalign(128, 400);
	for (int i = 0; i < 50; i++)
		lost[i] = NULL;
	lost[49] = memalign(32, 100);
}

int main(void)
{
	far_below(work);
	return 0;
}
