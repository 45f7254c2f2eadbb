// A block of malloc that is a coroutine's stack keeps blocks if it is kept itself, and loses them if not.
// classes: definite=65536/1 indirect=70/1 reachable=65586/2
#include "parts/far.h"

#include <stdlib.h>
#include <ucontext.h>

enum { SIZE = 65536 };

static ucontext_t outer, kept, lost;

static void coroutine(int size)
{
	void *volatile block = malloc(size);

	swapcontext(size == 50 ? &kept : &lost, &outer);
	exit(block == NULL);
}

static void start(ucontext_t *context, int size)
{
	getcontext(context);
	context->uc_stack.ss_sp = malloc(SIZE);
	context->uc_stack.ss_size = SIZE;
	makecontext(context, (void (*)(void))coroutine, 1, size);
	swapcontext(&outer, context);
}

static void work(void)
{
	start(&kept, 50);
	start(&lost, 70);
	outer = lost = (ucontext_t){.uc_flags = 0};
}

int main(void)
{
	far_below(work);
	return 0;
}
