// Registers that a signal has interrupted keep a block: they are on the stack, above the handler's frame.
// classes: reachable=40/1
#define _GNU_SOURCE
#include "parts/far.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static uintptr_t inverted;

static void make(void)
{
	inverted = ~(uintptr_t)malloc(40);
}

static void leave(void)
{
	__asm__ volatile("xorl %%r13d, %%r13d" ::: "r13");
	exit(0);
}

static void handler(int number)
{
	(void)number;
	far_below(leave);
}

int main(void)
{
	signal(SIGUSR1, handler);
	far_below(make);
	__asm__ volatile("movq %0, %%r13\n\t"
			 "notq %%r13\n\t"
			 "movq $0, %0\n\t"
			 "syscall"
			 : "+m"(inverted)
			 : "a"(SYS_tgkill), "D"(getpid()), "S"(gettid()), "d"(SIGUSR1)
			 : "rcx", "r11", "r13", "memory");
	return 1;
}
