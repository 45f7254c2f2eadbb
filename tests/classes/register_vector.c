// A vector register of a thread that sleeps keeps a block.
// classes: reachable=40/1
// explain: definite=-40/-1 reachable=40/1: memcheck looks at general registers only
// classes use_registers=0: definite=40/1
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
	inverted = ~(uintptr_t)malloc(40);
}

static void *thread(void *nothing)
{
	far_below(make);
	__asm__ volatile("movq %0, %%rax\n\t"
			 "movq $0, %0\n\t"
			 "notq %%rax\n\t"
			 "movq %%rax, %%xmm7\n\t"
			 "xorl %%eax, %%eax\n\t"
			 "movq $1, %1\n"
			 "1:\n\t"
			 "movl %2, %%eax\n\t"
			 "syscall\n\t"
			 "jmp 1b"
			 : "+m"(inverted), "=m"(ready)
			 : "i"(SYS_pause)
			 : "rax", "rcx", "r11", "xmm7", "memory");
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
