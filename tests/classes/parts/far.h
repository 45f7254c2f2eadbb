/* For programs that must not keep a block by what they left behind on the stack, or in registers. */
#ifndef FAR_H
#define FAR_H

/* Those that a call need not keep. */
static inline void clear_registers(void)
{
#ifdef __x86_64__
	__asm__ volatile("xorl %%eax, %%eax\n\txorl %%ecx, %%ecx\n\txorl %%edx, %%edx\n\t"
			 "xorl %%esi, %%esi\n\txorl %%edi, %%edi\n\txorl %%r8d, %%r8d\n\t"
			 "xorl %%r9d, %%r9d\n\txorl %%r10d, %%r10d\n\txorl %%r11d, %%r11d\n\t"
			 ".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n\t"
			 "pxor %%xmm\\n, %%xmm\\n\n\t"
			 ".endr"
			 :
			 :
			 : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory");
#elif defined(__aarch64__)
	__asm__ volatile(".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17\n\t"
			 "mov x\\n, xzr\n\t"
			 ".endr\n\t"
			 ".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31\n\t"
			 "movi v\\n\\().2d, #0\n\t"
			 ".endr"
			 :
			 :
			 : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12",
			 "x13", "x14", "x15", "x16", "x17", "memory");
#endif
}

/* Calls `work` far below, so that what its frames leave there is not where those of exit will be. */
static __attribute__((noinline, unused)) void far_below(void (*work)(void))
{
	volatile char gap[64 * 1024];

	gap[0] = 0;
	work();
	clear_registers();
	gap[sizeof(gap) - 1] = 0;
}

#endif
