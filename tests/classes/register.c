// A register of a thread that sleeps keeps a block, and what the block points at.
// classes: reachable=80/2
// classes use_registers=1: reachable=80/2
// classes use_registers=0: definite=40/1 indirect=40/1
// loader: possible=0/-1 reachable=0/1: libc points into a thread's table of TLS blocks
// flags: -lpthread
#include "parts/far.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_long ready;
static uintptr_t inverted;

static void make(void)
{
	void **block = calloc(1, 40);

	*block = malloc(40);
	inverted = ~(uintptr_t)block;
}

/* The pointer is in r12 alone, from before `ready` is set. */
static void *thread(void *nothing)
{
	far_below(make);
	__asm__ volatile("movq %0, %%r12\n\t"
			 "movq $0, %0\n\t"
			 "notq %%r12\n\t"
			 "movq $1, %1\n"
			 "1:\n\t"
			 "movl %2, %%eax\n\t"
			 "syscall\n\t"
			 "jmp 1b"
			 : "+m"(inverted), "=m"(ready)
			 : "i"(SYS_pause)
			 : "rax", "rcx", "r11", "r12", "memory");
	return nothing;
}

static void work(void)
{
	pthread_t id;

	if (pthread_create(&id, NULL, thread, NULL))
		exit(1);
	while (!ready)
		usleep(1000);
}

int main(void)
{
	far_below(work);
	return 0;
}
