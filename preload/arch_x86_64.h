/*
 * What is particular to x86-64 Linux: system calls without libc, the thread pointer, counters that
 * a signal handler cannot tear, and the layout of a signal frame. A new CPU is one more of these
 * files.
 */
#ifndef LEAK_ARCH_X86_64_H
#define LEAK_ARCH_X86_64_H

#include <stdint.h>

#define ARCH_ELF_MACHINE 62 /* EM_X86_64 */

/* Raw system call: returns the kernel's value, -errno on failure; touches neither errno nor any
 * cancellation state. Any thread, also in a signal handler. */
static inline long arch_syscall6(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

/* The thread control block's address: unique among living threads, and reused only after death. */
static inline uintptr_t arch_thread_pointer(void)
{
	uintptr_t tcb;

	__asm__("movq %%fs:0, %0" : "=r"(tcb));
	return tcb;
}

static inline uintptr_t arch_stack_pointer(void)
{
	uintptr_t sp;

	__asm__ volatile("movq %%rsp, %0" : "=r"(sp));
	return sp;
}

/* One instruction, so a signal handler of the same thread adds before or after it, never inside.
 * Only the owning thread may write the counter; others may read it. */
static inline void arch_counter_add(uint64_t *counter, uint64_t value)
{
	__asm__ volatile("addq %1, %0" : "+m"(*counter) : "er"(value) : "cc");
}

/* Offsets from the stack pointer in a signal handler's return trampoline (rt_sigframe without the
 * return address: struct ucontext, whose uc_mcontext.gregs starts at 40; asm/sigcontext.h). */
#define ARCH_SIGFRAME_RBP 120
#define ARCH_SIGFRAME_RSP 160
#define ARCH_SIGFRAME_RIP 168

/* DWARF register numbers (System V ABI, AMD64 supplement, figure 3.36). */
#define ARCH_DWARF_RBP 6
#define ARCH_DWARF_RSP 7
#define ARCH_DWARF_RA 16

#endif
