// A block that nobody may read keeps nothing, and is itself kept or lost as others.
// classes: definite=1048656/3 reachable=2097152/1
#include "parts/far.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { SIZE = 1 << 20 };

static void **kept;

static void **make(size_t size)
{
	void **block = malloc(size);
	uintptr_t page = ((uintptr_t)block + 4095) & ~(uintptr_t)4095;

	block[size / 2 / sizeof(void *)] = malloc(40);
	if (mprotect((void *)page, size - 4096, PROT_NONE))
		exit(1);
	return block;
}

static void work(void)
{
	kept = make(2 * SIZE);
	make(SIZE);
}

int main(void)
{
	far_below(work);
	return 0;
}
