/*
 * What is particular to x86-64 Linux: system calls without libc, the thread pointer, counters that
 * a signal handler cannot tear, and the layout of a signal frame. A new CPU is one more of these
 * files.
 */
#ifndef LEAK_ARCH_X86_64_H
#define LEAK_ARCH_X86_64_H

#include <stdbool.h>
#include <stdint.h>

#define ARCH_ELF_MACHINE 62 /* EM_X86_64 */

/* `function` is what programs get who ask for `symbol` in the version that glibc had before. Where
 * the port to a CPU began with the new version there is no such thing. */
#define ARCH_OLD_VERSION(function, symbol, version)                                                \
	__asm__(".symver " #function ", " #symbol "@" version)

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

/* DWARF register numbers (System V ABI, AMD64 supplement, figure 3.36). */
#define ARCH_DWARF_RBX 3
#define ARCH_DWARF_RBP 6
#define ARCH_DWARF_RSP 7
#define ARCH_DWARF_R12 12
#define ARCH_DWARF_R13 13
#define ARCH_DWARF_R14 14
#define ARCH_DWARF_R15 15
#define ARCH_DWARF_RA 16

/* Offsets from the stack pointer in a signal handler's return trampoline (rt_sigframe without the
 * return address: struct ucontext, whose uc_mcontext.gregs starts at 40; asm/sigcontext.h). */
#define ARCH_SIGFRAME_RBP 120
#define ARCH_SIGFRAME_RSP 160
#define ARCH_SIGFRAME_RIP 168

/* What a signal leaves alone below the stack pointer (ABI, 3.2.2). A function that was interrupted
 * in its epilogue has registers there that it has just taken back: descriptions go on naming the
 * slots.
 */
#define ARCH_RED_ZONE 128

/* Offsets in a signal frame, as above, of every register, by DWARF number. */
static const uint8_t arch_sigframe[ARCH_DWARF_RA + 1] = {
	144, 136, 152, 128, 112, 104, 120, 160, 40, 48, 56, 64, 72, 80, 88, 96, 168};

/* Is this the trampoline that the kernel returns through from a handler (mov $15, %rax; syscall)?
 * libc's has a description that says so; that of a program which sets handlers itself may not. */
static inline bool arch_is_sigreturn(uintptr_t ip)
{
	static const uint8_t code[] = {0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05};

	/* The page behind may not be there. */
	return ip % 4096 <= 4096 - sizeof(code) &&
	       __builtin_memcmp((const void *)ip, code, sizeof(code)) == 0;
}

/* Is the instruction before this one a system call? */
static inline bool arch_is_behind_system_call(uintptr_t ip)
{
	/* Not across a page's beginning, before which there may be nothing. */
	return ip % 4096 >= 2 && ((const uint8_t *)ip)[-2] == 0x0f &&
	       ((const uint8_t *)ip)[-1] == 0x05;
}

/* Where a signal handler of ours returns to; the kernel wants to be told (sigreturn(2)). */
#define ARCH_SA_RESTORER 0x04000000ul

static __attribute__((naked, unused)) void arch_sigreturn(void)
{
	__asm__("movl $15, %eax\n\tsyscall");
}

/* The registers here that a caller of this function can rely on, the stack pointer and the address,
 * by DWARF number. Returns which ones. */
#define ARCH_REGISTERS_HERE                                                                        \
	(1u << ARCH_DWARF_RBX | 1u << ARCH_DWARF_RBP | 1u << ARCH_DWARF_RSP |                      \
		1u << ARCH_DWARF_R12 | 1u << ARCH_DWARF_R13 | 1u << ARCH_DWARF_R14 |               \
		1u << ARCH_DWARF_R15 | 1u << ARCH_DWARF_RA)

static inline __attribute__((always_inline)) uint32_t arch_registers_here(uint64_t *ret)
{
	__asm__ volatile("movq %%rbx, 24(%0)\n\tmovq %%rbp, 48(%0)\n\tmovq %%rsp, 56(%0)\n\t"
			 "movq %%r12, 96(%0)\n\tmovq %%r13, 104(%0)\n\tmovq %%r14, 112(%0)\n\t"
			 "movq %%r15, 120(%0)\n\tleaq 1f(%%rip), %%rax\n\tmovq %%rax, 128(%0)\n1:"
			 :
			 : "r"(ret)
			 : "rax", "memory");
	return ARCH_REGISTERS_HERE;
}

#endif
