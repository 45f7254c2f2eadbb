// Blocks made on the stacks of ucontext coroutines and of a signal handler's alternate stack.
// pitfall: P45
// expect: state=clean
// expect: site function=coroutine line=18 bytes=300 blocks=30
// expect: site function=handler line=25 bytes=50 blocks=1
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

static ucontext_t outer, inner;
static void *volatile last;

static void coroutine(void)
{
	for (int i = 0; i < 30; i++) {
		last = malloc(10);
		swapcontext(&inner, &outer);
	}
}

static void handler(int number)
{
	last = malloc(50 + number * 0);
}

int main(void)
{
	stack_t alternate = {.ss_sp = malloc(16384), .ss_size = 16384};
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
	char *stack = mmap(0, 24576, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	/* Unmapped on both sides: a walker that runs off the stack dies. */
	munmap(stack, 4096);
	munmap(stack + 20480, 4096);
	getcontext(&inner);
	inner.uc_stack.ss_sp = stack + 4096;
	inner.uc_stack.ss_size = 16384;
	inner.uc_link = &outer;
	makecontext(&inner, coroutine, 0);
	for (int i = 0; i < 31; i++)
		swapcontext(&outer, &inner);
	sigaltstack(&alternate, NULL);
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	return 0;
}
