// A large reservation is read where it was written to only, and keeps what is there. memcheck is not
// asked: it reads, and so gets, all of it.
// classes use_globals=1: reachable=90/2
// timeout: 10
#include "parts/far.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { WORDS_PER_GIB = 1 << 27 };

static void work(void)
{
	size_t size = (size_t)64 << 30;
	void **memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		exit(1);
	memory[5l * WORDS_PER_GIB] = malloc(40);
	memory[63l * WORDS_PER_GIB + 1000] = malloc(50);
}

int main(void)
{
	far_below(work);
	return 0;
}
