// A register of the thread that calls _exit keeps a block.
// classes: reachable=40/1
// explain: definite=-40/-1 reachable=40/1: memcheck forgets the registers of the thread that ends the process
#include "parts/far.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

static uintptr_t inverted;

static void make(void)
{
	inverted = ~(uintptr_t)malloc(40);
}

int main(void)
{
	far_below(make);
	__asm__ volatile("movq %0, %%r13\n\t"
			 "notq %%r13\n\t"
			 "movq $0, %0\n\t"
			 "xorl %%edi, %%edi\n\t"
			 "andq $-16, %%rsp\n\t"
			 "call *%1"
			 : "+m"(inverted)
			 : "r"(_exit)
			 : "rdi", "r13", "memory");
	return 1;
}
