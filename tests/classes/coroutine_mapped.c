// The stack of a coroutine keeps blocks while another stack is in use: a mapping or a static array.
// classes: reachable=120/2
#include "parts/far.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

enum { SIZE = 65536 };

static ucontext_t outer, inner[2];
static char array[SIZE] __attribute__((aligned(16)));

static void coroutine(int number)
{
	void *volatile kept = malloc(50 + 20 * number);

	swapcontext(&inner[number], &outer);
	exit(kept == NULL);
}

static void start(int number, void *stack)
{
	getcontext(&inner[number]);
	inner[number].uc_stack.ss_sp = stack;
	inner[number].uc_stack.ss_size = SIZE;
	makecontext(&inner[number], (void (*)(void))coroutine, 1, number);
	swapcontext(&outer, &inner[number]);
}

static void work(void)
{
	start(0, array);
	start(1, mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

int main(void)
{
	far_below(work);
	return 0;
}
