// Memory that was moved or mapped over keeps what is in it now; memory that nobody may read, nothing.
// classes: definite=144/3 reachable=80/2
#define _GNU_SOURCE
#include "parts/far.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { SIZE = 65536 };

static void **map(void *at, int flags)
{
	void **memory = mmap(at, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	if (memory == MAP_FAILED)
		exit(1);
	return memory;
}

static void work(void)
{
	void **moved = map(NULL, 0), **over = map(NULL, 0), **discarded = map(NULL, 0),
	     **forbidden = map(NULL, 0);

	moved[100] = malloc(40);
	if (mremap(moved, SIZE, 4 * SIZE, MREMAP_MAYMOVE) == MAP_FAILED)
		exit(1);
	over[100] = malloc(48);
	map(over, MAP_FIXED)[101] = malloc(40);
	discarded[512] = malloc(48);
	madvise(discarded, SIZE, MADV_DONTNEED);
	forbidden[0] = malloc(48);
	mprotect(forbidden, SIZE, PROT_NONE);
}

int main(void)
{
	far_below(work);
	return 0;
}
