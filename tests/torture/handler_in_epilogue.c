// A handler on another stack allocates after each instruction of a function, whose rbp is given back before it
// pitfall: P15
// returns: every stack is complete.
// machine: x86_64
// flags: -O2 -fomit-frame-pointer
// expect: state=clean not_recorded.partial_stacks=0 not_recorded.dropped_events=0
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>

static void *volatile last;
static volatile long sink;

static void on_step(int number)
{
	last = malloc(10 + (number == 0));
}

static __attribute__((noipa)) long twice(long value)
{
	return value * 2 + sink;
}

static __attribute__((noipa)) long worker(long a, long b, long c)
{
	long first = twice(a), second = twice(b + first), third = twice(c + second),
	     fourth = twice(a + third);

	return first + second * third + a * b * c * fourth;
}

static void (*volatile step)(int) = on_step;

int main(void)
{
	struct sigaction action = {.sa_handler = step, .sa_flags = SA_ONSTACK};
	stack_t stack = {.ss_size = 64 << 10};

	stack.ss_sp = mmap(NULL, stack.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sigaltstack(&stack, NULL);
	sigaction(SIGTRAP, &action, NULL);
	__asm__ volatile("sub $128, %%rsp; pushfq; orq $0x100, (%%rsp); popfq; add $128, %%rsp" ::: "cc", "memory");
	sink = worker(1, 2, 3);
	__asm__ volatile("sub $128, %%rsp; pushfq; andq $~0x100, (%%rsp); popfq; add $128, %%rsp" ::: "cc", "memory");
	return 0;
}
