// Shared memory that the process has no page tables for keeps blocks; its holes are not filled by
// the look at it. classes: definite=48/1 reachable=240/5
#define _GNU_SOURCE
#include "parts/far.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { PAGE = 65536, PAGES = 6000 }; /* of any machine; more than are looked up at once */

static const int places[] = {0, 1, 2, 300, 5999};

static void work(void)
{
	static void *volatile lost;
	char *memory = mmap(NULL, (size_t)PAGE * PAGES, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		exit(1);
	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		*(void **)(memory + (size_t)PAGE * places[i] + 8 * i) = malloc(48);
	lost = malloc(48);
	lost = NULL;
	/* The pages stay, only the process knows them no more: as after a fork, or when others made
	 * them. */
	if (madvise(memory, (size_t)PAGE * PAGES, MADV_DONTNEED))
		exit(1);
}

int main(void)
{
	far_below(work);
	return 0;
}
