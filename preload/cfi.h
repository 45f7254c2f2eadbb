/*
 * One step up the stack, as the compiler described it: call frame information (.eh_frame) compiled
 * into one 64-bit word. See the DWARF 5 standard, section 6.4, and the Linux Standard Base on
 * .eh_frame and .eh_frame_hdr.
 */
#ifndef LEAK_CFI_H
#define LEAK_CFI_H

#include <stdint.h>

#include "preload/modules.h"
#include "preload/step.h"

/* The step of the instruction at `pc` (for a return address: minus one) in a loaded object. Reads
 * the object's unwind tables only. Never fails: what cannot be expressed is STEP_FULL. */
uint64_t cfi_compile(uintptr_t pc, const struct loaded *object);

#endif
