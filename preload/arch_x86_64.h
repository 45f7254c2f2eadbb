/*
 * What is particular to x86-64 Linux: system calls without libc, the thread pointer, counters that
 * a signal handler cannot tear, where a hook's caller stood, and the layout of a signal frame.
 */
#ifndef LEAK_ARCH_X86_64_H
#define LEAK_ARCH_X86_64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARCH_ELF_MACHINE 62 /* EM_X86_64 */

/* The versions of glibc's functions before those that it has now, where it has two. */
#define ARCH_OLD_POSIX_SPAWN "GLIBC_2.2.5"
#define ARCH_OLD_QUICK_EXIT "GLIBC_2.10"

/* Addresses of a program have so many bits (it would have to ask for those of five-level tables).
 */
#define ARCH_ADDRESS_BITS 47

/* The largest page that the kernel may have. */
#define ARCH_PAGE_MAX 4096u

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

/* ---- the vDSO ---- */

/* Names of its functions; NULL where it has none of the kind. */
#define ARCH_VDSO_GETTIME "__vdso_clock_gettime"
#define ARCH_VDSO_TIME "__vdso_time"

/* ---- registers ---- */

/* DWARF register numbers (System V ABI, AMD64 supplement, figure 3.36). */
#define ARCH_DWARF_RBX 3
#define ARCH_DWARF_FP 6
#define ARCH_DWARF_SP 7
#define ARCH_DWARF_R12 12
#define ARCH_DWARF_R13 13
#define ARCH_DWARF_R14 14
#define ARCH_DWARF_R15 15
#define ARCH_DWARF_RA 16    /* a description's return address */
#define ARCH_DWARF_PC 16    /* a frame's own address, which is the same column here */
#define ARCH_DWARF_RESULT 0 /* of a system call */
#define ARCH_REGISTERS 17   /* those that are followed have lower numbers */

/* May a function leave its return address in a register? */
#define ARCH_RA_IS_REGISTER 0

/* The registers here that a caller of this function can rely on, the stack pointer and the address,
 * by DWARF number. Returns which ones. */
#define ARCH_REGISTERS_HERE                                                                        \
	(1u << ARCH_DWARF_RBX | 1u << ARCH_DWARF_FP | 1u << ARCH_DWARF_SP | 1u << ARCH_DWARF_R12 | \
		1u << ARCH_DWARF_R13 | 1u << ARCH_DWARF_R14 | 1u << ARCH_DWARF_R15 |               \
		1u << ARCH_DWARF_PC)

static inline __attribute__((always_inline)) uint64_t arch_registers_here(uint64_t *ret)
{
	__asm__ volatile("movq %%rbx, 24(%0)\n\tmovq %%rbp, 48(%0)\n\tmovq %%rsp, 56(%0)\n\t"
			 "movq %%r12, 96(%0)\n\tmovq %%r13, 104(%0)\n\tmovq %%r14, 112(%0)\n\t"
			 "movq %%r15, 120(%0)\n\tleaq 1f(%%rip), %%rax\n\tmovq %%rax, 128(%0)\n1:"
			 :
			 : "r"(ret)
			 : "rax", "memory");
	return ARCH_REGISTERS_HERE;
}

/* ---- frames ---- */

/* What marks a frame's address that is not a return address: a bit that no address has. */
#define ARCH_KEY_EXACT (1ull << 47)

static inline bool arch_is_code_address(uint64_t address)
{
	return !(address >> ARCH_ADDRESS_BITS);
}

/* A return address as it was saved, without what else is in the word. */
static inline uintptr_t arch_return_address(uintptr_t saved)
{
	return saved;
}

/* A call frame instruction of this machine alone that changes nothing that matters here? */
static inline bool arch_is_cfi_hint(uint8_t op)
{
	(void)op;
	return false;
}

/* What a hook hands on of its frame. It keeps a frame pointer, so the frame begins with the
 * caller's rbp and the return address. */
#define ARCH_FRAME __builtin_frame_address(0)

/* Where a walk starts: the registers of the hook's caller at its call. */
struct frame_start {
	uintptr_t ip; /* return address into the caller */
	uintptr_t sp; /* the caller's stack pointer after the return */
	uintptr_t bp; /* the caller's frame pointer register */
};

/* From ARCH_FRAME. */
static inline struct frame_start frame_start_of(const void *frame)
{
	const uintptr_t *at = frame;

	return (struct frame_start){.ip = at[1], .sp = (uintptr_t)(at + 2), .bp = at[0]};
}

/* Where it has the caller's frame pointer. */
static inline const uintptr_t *frame_start_bp_slot(const struct frame_start *at)
{
	return (const uintptr_t *)at->sp - 2;
}

/* What tells two starts apart, of which the stack pointer and that slot may differ. */
static inline uintptr_t frame_start_place(const struct frame_start *at)
{
	return at->sp;
}

/* ---- signal frames ---- */

/* struct ucontext, from the stack pointer in a signal handler's return trampoline (rt_sigframe
 * without the return address). */
#define ARCH_SIGFRAME_CONTEXT 0

/* Where a ucontext has the registers, by DWARF number: uc_mcontext.gregs starts at 40
 * (asm/sigcontext.h). */
static const uint8_t arch_context[ARCH_REGISTERS] = {
	144, 136, 152, 128, 112, 104, 120, 160, 40, 48, 56, 64, 72, 80, 88, 96, 168};

#define ARCH_CONTEXT_LAST 168 /* the last of them that a walk needs */

/* The bytes from a context of this size that hold registers: itself and, if it lies behind it as
 * the kernel puts it, the floating point and vector state (struct _fpx_sw_bytes). */
static inline size_t arch_context_bytes(const void *context, size_t size)
{
	uintptr_t start = (uintptr_t)context, state = *(const uintptr_t *)(start + 224);
	uint32_t bytes = 512;

	if (state <= start || state - start >= 4096)
		return size;
	if (*(const uint32_t *)(state + 464) == 0x46505853) /* FP_XSTATE_MAGIC1 */
		bytes = *(const uint32_t *)(state + 468);
	return bytes <= 16384 ? state - start + bytes : size;
}

/* What a signal leaves alone below the stack pointer (ABI, 3.2.2). A function that was interrupted
 * in its epilogue has registers there that it has just taken back: descriptions go on naming the
 * slots.
 */
#define ARCH_RED_ZONE 128

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

/* A system call: the registers that its arguments are in (rdi rsi rdx r10 r8 r9) and its number, by
 * DWARF number, and how long the instruction is. */
static const uint8_t arch_arguments[] = {5, 4, 1, 10, 8, 9};
#define ARCH_CALL_NUMBER 0
#define ARCH_CALL_BYTES 2

/* Does the kernel bring the trampoline, rather than libc? */
#define ARCH_KERNEL_HAS_TRAMPOLINE 0

/* Where a signal handler of ours returns to; the kernel wants to be told (sigreturn(2)). */
#define ARCH_SA_RESTORER 0x04000000ul

static __attribute__((naked, unused)) void arch_sigreturn(void)
{
	__asm__("movl $15, %eax\n\tsyscall");
}

/* ---- calls to libraries ---- */

/* Of a function that calls one: assembly may call us with a stack that is not aligned as libraries
 * expect it. */
#define ARCH_ALIGNS_STACK __attribute__((force_align_arg_pointer))

#endif
