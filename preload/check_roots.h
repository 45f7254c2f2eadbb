/*
 * What a check in the process itself must know before it can choose roots (roots.h): the threads
 * that hold still, who mapped what, and which memory is ours.
 */
#ifndef LEAK_CHECK_ROOTS_H
#define LEAK_CHECK_ROOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/maps.h"
#include "preload/roots.h"
#include "preload/stop.h"
#include "preload/sys.h"

/* The caller of a check: where its frames begin that may hold pointers, and its registers then. */
struct roots_caller {
	uintptr_t stack_pointer;
	const uint64_t *registers;
	size_t register_words;
};

/* The caller that it is inlined into. `registers` has room for ARCH_REGISTERS words, zeroed. */
HOT struct roots_caller roots_caller_here(uint64_t *registers)
{
	arch_registers_here(registers);
	return (struct roots_caller){.registers = registers,
		.register_words = ARCH_REGISTERS,
		.stack_pointer = (uintptr_t)__builtin_frame_address(0)};
}

/* Notes what only the process itself knows. Other threads hold still; `view` outlives the roots.
 * False when there is no memory. */
bool check_roots_gather(struct roots *ret, const struct reach_view *view, const struct stop *stop,
	const struct roots_caller *caller, uint32_t left_out);

/* Scans them, in the process or in a forked copy of it. */
void check_roots_scan(struct roots *roots, const struct maps *maps, struct reach *reach);

#endif
