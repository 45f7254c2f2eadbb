// Coroutines on stacks with guard pages on both sides, above and below the main stack's events, which
// are unmapped afterwards, and mapped again at the same place with other contents.
// pitfall: P45
// flags: -O2
// The stack ends at __start_context, marked: nobody called it, so there is no description before it.
// verify: events>=20000 partial>=10000
// expect: state=clean
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#define KEPT __attribute__((noinline, noclone))
#define STACK 131072 /* an oracle needs some of it */
#define COROUTINES 6

static ucontext_t outer, inner[COROUTINES];
static void *volatile last;
static int current, alive[COROUTINES];

static KEPT void make(int size)
{
	last = malloc((size_t)size);
	free(last);
}

static KEPT void deep(int depth)
{
	volatile char room[48];

	room[depth % 48] = 1;
	if (depth > 0)
		deep(depth - 1);
	else
		swapcontext(&inner[current], &outer);
	make(room[depth % 48] + depth);
}

static void coroutine(int number, int rounds)
{
	for (int i = 0; i < rounds; i++) {
		make(number + 1);
		deep((number * 7 + i) % 12);
	}
	alive[number] = 0;
}

static char *stack_of(int number, uintptr_t where)
{
	char *stack = mmap((void *)where, STACK + 8192, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | (where ? MAP_FIXED_NOREPLACE : 0), -1, 0);

	if (stack == MAP_FAILED)
		exit(9);
	mprotect(stack, 4096, PROT_NONE);
	munmap(stack + 4096 + STACK, 4096);
	memset(stack + 4096, number + 1, STACK);
	return stack;
}

static KEPT void round_of(int round)
{
	char *stacks[COROUTINES];
	static uintptr_t first;

	for (int i = 0; i < COROUTINES; i++) {
		/* The first one always at the same place. */
		stacks[i] = stack_of(round, i == 0 ? first : 0);
		if (i == 0)
			first = (uintptr_t)stacks[i];
		getcontext(&inner[i]);
		inner[i].uc_stack.ss_sp = stacks[i] + 4096;
		inner[i].uc_stack.ss_size = STACK;
		inner[i].uc_link = &outer;
		makecontext(&inner[i], (void (*)(void))coroutine, 2, i, 3 + round % 3);
		alive[i] = 1;
	}
	for (int left = COROUTINES; left > 0;) {
		for (int i = 0; i < COROUTINES; i++) {
			if (!alive[i])
				continue;
			current = i;
			swapcontext(&outer, &inner[i]);
			left -= !alive[i];
			make(200 + i);
			/* Some are given up while they wait. */
			if (alive[i] && (round + i) % 4 == 0) {
				alive[i] = 0;
				left--;
			}
			if (!alive[i])
				munmap(stacks[i], STACK + 4096);
			make(300 + i);
		}
	}
}

int main(void)
{
	for (int round = 0; round < 120; round++)
		round_of(round);
	return 0;
}
