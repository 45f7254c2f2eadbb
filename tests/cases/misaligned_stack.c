// malloc and free called with the stack pointer off by 8, as old assembly and thunks do.
// pitfall: P24
// expect: state=clean
#include <stdlib.h>

#ifdef __x86_64__
static void *call_misaligned(void *function, void *argument)
{
	void *result;

	__asm__ volatile("movq %%rsp, %%rbx\n\tandq $-16, %%rsp\n\tsubq $136, %%rsp\n\tcall *%1\n\tmovq %%rbx, %%rsp"
			: "=a"(result)
			: "r"(function), "D"(argument)
			: "rbx", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory", "cc");
	return result;
}
#else
static void *call_misaligned(void *function, void *argument)
{
	return ((void *(*)(void *))function)(argument);
}
#endif

int main(void)
{
	free(malloc(10));
	for (int i = 0; i < 300; i++)
		call_misaligned((void *)free, call_misaligned((void *)malloc, (void *)(long)(i * 8)));
	return 0;
}
