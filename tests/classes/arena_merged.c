// A thread's arena is told from a mapping that lies right below it: that keeps blocks, malloc's bins do not.
// classes: definite=2400/100 reachable=40/1
// loader: possible=0/-1 reachable=0/1: libc points into a thread's table of TLS blocks
// flags: -lpthread
#define _GNU_SOURCE
#include "parts/far.h"
#include "parts/sleeper.h"

#include <stdint.h>
#include <sys/mman.h>

enum { ARENA = 64 << 20, SIZE = 65536 };

static void fill(void)
{
	void *volatile block, *volatile freed[100];
	void **below;

	/* Free chunks behind blocks whose last 8 bytes are these chunks' first. */
	for (int i = 0; i < 100; i++) {
		freed[i] = malloc(2000);
		block = calloc(1, 24);
	}
	for (int i = 0; i < 100; i++) {
		free(freed[i]);
		freed[i] = NULL;
	}
	/* Under valgrind there are no arenas; anywhere will do. */
	below = (void **)(((uintptr_t)block & -(uintptr_t)ARENA) - SIZE);
	below = mmap(below, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (below == MAP_FAILED)
		exit(1);
	below[100] = calloc(1, 40); /* not what is left of the chunk's links */
}

static void *thread(void *nothing)
{
	(void)nothing;
	far_below(fill);
	return sleep_for_ever();
}

static void work(void)
{
	start_sleeper(thread, NULL, NULL);
}

int main(void)
{
	far_below(work);
	return 0;
}
