/* One frame up with all registers, by every form of rule: for the few frames that a step cannot
 * express. */
#ifndef LEAK_CFI_STEP_H
#define LEAK_CFI_STEP_H

#include <stdbool.h>

#include "preload/cfi.h"

/* A frame with all its registers, by DWARF number; ARCH_DWARF_PC is the frame's own address. */
struct cfi_frame {
	uint64_t value[ARCH_REGISTERS];
	uint64_t known; /* one bit each */
	uintptr_t low;  /* of what it may have on the stack, */
	uintptr_t high; /* and the stack's end, as far as it is known */
};

/* Turns a frame into its caller's by the description, with every form of rule, and returns
 * STEP_NORMAL. Else why it cannot: STEP_SIGNAL, STEP_END, STEP_STOP, or STEP_FULL where a value is
 * not known or not on the stack. `exact`: the frame was interrupted at its address. Slow. */
enum step_kind cfi_step(struct cfi_frame *frame, bool exact, const struct loaded *object);

#endif
