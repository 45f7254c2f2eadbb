// What a coroutine returns to at its end is entered by a return only: it has a name although nothing is before it.
// machine: x86_64
// expect: state=clean
// expect: site function=coroutine line=22 bytes=10 blocks=1 frame=own_start
#include <stdlib.h>

/* After a function whose code has ended, and padding. Nobody calls it: no description covers the byte before. */
__asm__(".text\n"
	".p2align 4\n"
	".type before, @function\n"
	"before: ret\n"
	".size before, .-before\n"
	".p2align 4\n"
	".type own_start, @function\n"
	"own_start: mov %rbx, %rsp\n"
	"ret\n"
	".size own_start, .-own_start\n");

static void coroutine(void)
{
	static void *volatile last;
	last = malloc(10);
}

static char stack[65536] __attribute__((aligned(16)));

int main(void)
{
	__asm__ volatile("mov %%rsp, %%rbx\n"
			 "lea 1f(%%rip), %%rax\n"
			 "sub $128, %%rbx\n" /* behind the red zone */
			 "mov %%rax, (%%rbx)\n"
			 "mov %0, %%rsp\n"
			 "lea own_start(%%rip), %%rax\n"
			 "push %%rax\n"
			 "jmp *%1\n"
			 "1: add $120, %%rsp\n"
			 :
			 : "r"(stack + sizeof(stack) - 64), "r"(coroutine)
			 : "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory", "cc");
	return 0;
}
