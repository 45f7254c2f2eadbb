// A pointer in memory that the program filled and then made read-only keeps its block.
// classes: reachable=80/2
// explain: definite=-80/-2 reachable=80/2: memcheck looks at writable memory only
#include "parts/far.h"

#include <stdlib.h>
#include <sys/mman.h>

static void *page[2048] __attribute__((aligned(4096)));
static void **mapped;

static void work(void)
{
	mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	page[1023] = malloc(40);
	mapped[511] = malloc(40);
	if (mprotect(page + 512, 4096, PROT_READ) || mprotect(mapped, 4096, PROT_READ))
		exit(1);
}

int main(void)
{
	far_below(work);
	return 0;
}
