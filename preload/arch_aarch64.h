/*
 * What is particular to AArch64 Linux, see arch_x86_64.h for the other machine: the same names with
 * the same contracts.
 *
 * Sources: Procedure Call Standard for the Arm 64-bit Architecture (AAPCS64), DWARF for the Arm
 * 64-bit Architecture (AADWARF64), and Linux's arch/arm64 (kernel/signal.c, uapi/asm/sigcontext.h,
 * asm/ucontext.h).
 *
 * What pointers have in their top byte (memory tagging) is part of an address here: such blocks lie
 * outside of the live index, and are counted as not recorded.
 */
#ifndef LEAK_ARCH_AARCH64_H
#define LEAK_ARCH_AARCH64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARCH_ELF_MACHINE 183 /* EM_AARCH64 */

/* Of a program that does not ask the kernel for more (Documentation/arm64/memory.rst: 52 bits are
 * for mmap hints above 48). */
#define ARCH_ADDRESS_BITS 48

/* Pages are as large as the kernel was configured for: 4, 16 or 64 KiB. */
#define ARCH_PAGE_MAX 65536u

/* See arch_x86_64.h. posix_spawn has but one: the port began with the newer. */
#define ARCH_OLD_QUICK_EXIT "GLIBC_2.17"

static inline long arch_syscall6(long number, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory", "cc");
	return x0;
}

static inline uintptr_t arch_thread_pointer(void)
{
	uintptr_t tp;

	__asm__("mrs %0, tpidr_el0" : "=r"(tp));
	return tp;
}

static inline uintptr_t arch_stack_pointer(void)
{
	uintptr_t sp;

	__asm__ volatile("mov %0, sp" : "=r"(sp));
	return sp;
}

/* No instruction before ARMv8.1 adds to memory. A pair of exclusive ones does: when a signal comes
 * in between, the return from it makes the store fail, and the pair is tried again. */
static inline void arch_counter_add(uint64_t *counter, uint64_t value)
{
	__atomic_fetch_add(counter, value, __ATOMIC_RELAXED);
}

/* ---- the vDSO ---- */

#define ARCH_VDSO_GETTIME "__kernel_clock_gettime"
#define ARCH_VDSO_TIME NULL /* it has none */

/* ---- registers ---- */

/* DWARF register numbers (AADWARF64, section 4.1): x0 to x30 are 0 to 30. */
#define ARCH_DWARF_X19 19
#define ARCH_DWARF_X28 28
#define ARCH_DWARF_FP 29
#define ARCH_DWARF_RA 30 /* the link register */
#define ARCH_DWARF_SP 31
#define ARCH_DWARF_PC 32
#define ARCH_DWARF_RESULT 0 /* of a system call */
#define ARCH_REGISTERS 33   /* those that are followed have lower numbers */

/* The return address is a register like others, and a function that calls nobody leaves it there.
 */
#define ARCH_RA_IS_REGISTER 1

#define ARCH_REGISTERS_HERE                                                                        \
	(((2ull << ARCH_DWARF_X28) - (1ull << ARCH_DWARF_X19)) | 1ull << ARCH_DWARF_FP |           \
		1ull << ARCH_DWARF_SP | 1ull << ARCH_DWARF_PC)

static inline __attribute__((always_inline)) uint64_t arch_registers_here(uint64_t *ret)
{
	__asm__ volatile("stp x19, x20, [%0, #152]\n\tstp x21, x22, [%0, #168]\n\t"
			 "stp x23, x24, [%0, #184]\n\tstp x25, x26, [%0, #200]\n\t"
			 "stp x27, x28, [%0, #216]\n\tstr x29, [%0, #232]\n\t"
			 "mov x9, sp\n\tstr x9, [%0, #248]\n\tadr x9, 1f\n\tstr x9, [%0, #256]\n1:"
			 :
			 : "r"(ret)
			 : "x9", "memory");
	return ARCH_REGISTERS_HERE;
}

/* ---- frames ---- */

/* Instructions are aligned: an address has room for a mark in its lowest bit. */
#define ARCH_KEY_EXACT 1ull

static inline bool arch_is_code_address(uint64_t address)
{
	return !(address >> ARCH_ADDRESS_BITS) && !(address & 3);
}

/* A saved return address may be signed (pointer authentication). XPACLRI takes the signature off,
 * whatever the size of the address space; it is a NOP where there is nothing of the kind. */
static inline uintptr_t arch_return_address(uintptr_t saved)
{
	register uintptr_t x30 __asm__("x30") = saved;

	__asm__("hint #7" : "+r"(x30));
	return x30;
}

/* Call frame instructions that say whether the return address is signed (AADWARF64, section 4.3):
 * it is taken off anyway. */
static inline bool arch_is_cfi_hint(uint8_t op)
{
	return op == 0x2d || op == 0x2c; /* negate_ra_state, negate_ra_state_with_pc */
}

/* A frame record has the caller's frame pointer and the return address. The compiler puts it
 * anywhere in a frame, so what was the stack pointer at the call is told besides. */
struct arch_frame {
	const uintptr_t *record;
	uintptr_t cfa;
};

#define ARCH_FRAME                                                                                 \
	(&(const struct arch_frame){__builtin_frame_address(0), (uintptr_t)__builtin_dwarf_cfa()})

struct frame_start {
	uintptr_t ip;
	uintptr_t sp;
	uintptr_t bp;
	const uintptr_t *bp_slot;
};

static inline struct frame_start frame_start_of(const void *frame)
{
	const struct arch_frame *at = frame;

	return (struct frame_start){.ip = arch_return_address(at->record[1]),
		.sp = at->cfa,
		.bp = at->record[0],
		.bp_slot = at->record};
}

static inline const uintptr_t *frame_start_bp_slot(const struct frame_start *at)
{
	return at->bp_slot;
}

/* Two hooks need not have frames of one size. */
static inline uintptr_t frame_start_place(const struct frame_start *at)
{
	return at->sp ^ (at->sp - (uintptr_t)at->bp_slot) << ARCH_ADDRESS_BITS;
}

/* ---- signal frames ---- */

/* struct rt_sigframe has the siginfo first. */
#define ARCH_SIGFRAME_CONTEXT 128

#define ARCH_CONTEXT_X(n) (184 + 8 * (n))
static const uint16_t arch_context[ARCH_REGISTERS] = {ARCH_CONTEXT_X(0), ARCH_CONTEXT_X(1),
	ARCH_CONTEXT_X(2), ARCH_CONTEXT_X(3), ARCH_CONTEXT_X(4), ARCH_CONTEXT_X(5),
	ARCH_CONTEXT_X(6), ARCH_CONTEXT_X(7), ARCH_CONTEXT_X(8), ARCH_CONTEXT_X(9),
	ARCH_CONTEXT_X(10), ARCH_CONTEXT_X(11), ARCH_CONTEXT_X(12), ARCH_CONTEXT_X(13),
	ARCH_CONTEXT_X(14), ARCH_CONTEXT_X(15), ARCH_CONTEXT_X(16), ARCH_CONTEXT_X(17),
	ARCH_CONTEXT_X(18), ARCH_CONTEXT_X(19), ARCH_CONTEXT_X(20), ARCH_CONTEXT_X(21),
	ARCH_CONTEXT_X(22), ARCH_CONTEXT_X(23), ARCH_CONTEXT_X(24), ARCH_CONTEXT_X(25),
	ARCH_CONTEXT_X(26), ARCH_CONTEXT_X(27), ARCH_CONTEXT_X(28), ARCH_CONTEXT_X(29),
	ARCH_CONTEXT_X(30), ARCH_CONTEXT_X(31), ARCH_CONTEXT_X(32)};

#define ARCH_CONTEXT_LAST ARCH_CONTEXT_X(32)

/* The vector registers lie in records behind the others, of which one may say that there are more
 * behind the frame (struct extra_context). */
static inline size_t arch_context_bytes(const void *context, size_t size)
{
	const char *at = (const char *)context + ARCH_CONTEXT_X(35), *end = context;

	for (end += size; end - at >= 32;) {
		const uint32_t *head = (const void *)at; /* magic, size */
		uintptr_t more = *(const uintptr_t *)(at + 8);
		uint32_t bytes = *(const uint32_t *)(at + 16);

		if (head[0] == 0x45585401 && more >= (uintptr_t)context + size && /* EXTRA_MAGIC */
			more - (uintptr_t)end < 4096 && bytes <= 1u << 18)
			return more - (uintptr_t)context + bytes;
		if (head[0] == 0 || head[1] < 8 || head[1] > (size_t)(end - at))
			break;
		at += head[1];
	}
	return size;
}

/* Nothing below the stack pointer is kept (AAPCS64, section 6.4.5). */
#define ARCH_RED_ZONE 0

/* mov x8, #139; svc #0. It is in the vDSO, without a description. */
static inline bool arch_is_sigreturn(uintptr_t ip)
{
	const uint32_t *code = (const uint32_t *)ip;

	return ip % 4 == 0 && ip % 4096 <= 4096 - 8 && code[0] == 0xd2801168 &&
	       code[1] == 0xd4000001;
}

static inline bool arch_is_behind_system_call(uintptr_t ip)
{
	return ip % 4 == 0 && ip % 4096 >= 4 && ((const uint32_t *)ip)[-1] == 0xd4000001;
}

/* A system call: the registers that its arguments are in and its number, by DWARF number, and
 * how long the instruction is. */
static const uint8_t arch_arguments[] = {0, 1, 2, 3, 4, 5};
#define ARCH_CALL_NUMBER 8
#define ARCH_CALL_BYTES 4

#define ARCH_KERNEL_HAS_TRAMPOLINE 1
#define ARCH_SA_RESTORER 0ul
#define arch_sigreturn NULL

/* ---- calls to libraries ---- */

/* The stack is always aligned: the machine sees to it. */
#define ARCH_ALIGNS_STACK

#endif
