/*
 * One step up the stack, as the compiler described it: call frame information (.eh_frame) compiled
 * into one 64-bit word. See the DWARF 5 standard, section 6.4, and the Linux Standard Base on
 * .eh_frame and .eh_frame_hdr.
 */
#ifndef LEAK_CFI_H
#define LEAK_CFI_H

#include <stdint.h>

#include "preload/arch_x86_64.h"
#include "preload/modules.h"

/*
 * A step:  bits 0-2   kind
 *          bit  3     STEP_BASE_RBP: the CFA is computed from rbp, else from rsp
 *          bit  4     STEP_RBP_SAVED: the caller's rbp lies in a slot
 *          bit  5     STEP_RBP_BY_RBP: that slot is found from rbp, else from the CFA
 *          bits 8-15  enum image_family when the frame is one of our own hooks, else 0
 *          bits 16-31 the slot's offset (signed, in 8 bytes)
 *          bits 32-63 the CFA's offset (signed, in bytes)
 */
enum step_kind {
	STEP_NONE = 0,   /* not known yet */
	STEP_NORMAL = 1, /* CFA = base + offset */
	STEP_DEREF = 2,  /* CFA = *(base + offset): stacks that were realigned */
	STEP_PLT = 3,    /* CFA = rsp + 8, + 8 past the entry's push: the linker's PLT */
	STEP_SIGNAL = 4, /* the trampoline below a signal handler: registers are in the frame */
	STEP_END = 5,    /* the outermost frame: it has no caller, and says so */
	STEP_STOP = 6,   /* cannot be unwound: no description */
	STEP_FULL = 7,   /* has a description that a step cannot express: unwind_full.c */
};

#define STEP_KIND(step) ((step)&7)
#define STEP_BASE_RBP (1u << 3)
#define STEP_RBP_SAVED (1u << 4)
#define STEP_RBP_BY_RBP (1u << 5)
#define STEP_FAMILY(step) ((uint8_t)((step) >> 8))
#define STEP_FAMILY_SHIFT 8
#define STEP_SLOT(step) ((int64_t)(int16_t)((step) >> 16) * 8)
#define STEP_OFFSET(step) ((int64_t)(int32_t)((step) >> 32))

/* The step of the instruction at `pc` (for a return address: minus one) in a loaded object. Reads
 * the object's unwind tables only. Never fails: what cannot be expressed is STEP_FULL. */
uint64_t cfi_compile(uintptr_t pc, const struct loaded *object);

#endif
