/* What is particular to the machine: one header for each that the recorder knows. */
#ifndef LEAK_ARCH_H
#define LEAK_ARCH_H

#if defined(__x86_64__)
#include "preload/arch_x86_64.h"
#elif defined(__aarch64__)
#include "preload/arch_aarch64.h"
#else
#error "libleak knows x86-64 and AArch64; another machine needs its arch_*.h, step_*.h and step_*.c"
#endif

/* ---- the context of a signal handler (ucontext_t) ---- */

/* A register of the interrupted thread, by DWARF number. */
static inline uintptr_t *arch_context_slot(void *context, unsigned number)
{
	return (uintptr_t *)((char *)context + arch_context[number]);
}

/* Of the system call that it stands behind. */
static inline long arch_context_result(void *context)
{
	return (long)*arch_context_slot(context, ARCH_DWARF_RESULT);
}

/* Is it this call? What its result has taken the place of is not kept: the number, or an argument.
 */
static inline bool arch_has_call(void *context, uint64_t number, const uint64_t *arguments)
{
	for (unsigned i = 0; i < sizeof(arch_arguments); i++) {
		if (arch_arguments[i] != ARCH_DWARF_RESULT &&
			*arch_context_slot(context, arch_arguments[i]) != arguments[i])
			return false;
	}
	return ARCH_CALL_NUMBER == ARCH_DWARF_RESULT ||
	       *arch_context_slot(context, ARCH_CALL_NUMBER) == number;
}

/* Has the thread make it once more. */
static inline void arch_call_again(void *context, uint64_t number, const uint64_t *arguments)
{
	*arch_context_slot(context, arch_arguments[0]) = arguments[0];
	*arch_context_slot(context, ARCH_CALL_NUMBER) = number;
	*arch_context_slot(context, ARCH_DWARF_PC) -= ARCH_CALL_BYTES;
}

#endif
