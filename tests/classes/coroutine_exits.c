// A coroutine that ends the process: its stack and the one that it left both keep blocks.
// classes: reachable=120/2
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

enum { SIZE = 65536 };

static ucontext_t outer, inner;

static void coroutine(void)
{
	void *volatile kept = malloc(50);

	exit(kept == NULL);
}

int main(void)
{
	void *volatile kept = malloc(70);

	getcontext(&inner);
	inner.uc_stack.ss_sp =
		mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	inner.uc_stack.ss_size = SIZE;
	makecontext(&inner, coroutine, 0);
	swapcontext(&outer, &inner);
	return kept == NULL;
}
