/*
 * A step: how to get from a frame to its caller's, in one word of 64 bits.
 *
 * Every machine's word has in common
 *          bits 0-2   kind
 *          bit  3     STEP_BASE_FP: the CFA is computed from the frame pointer, else from the
 *                     stack pointer
 *          bit  4     STEP_FP_SAVED: the caller's frame pointer lies in a slot
 *          bits 8-15  enum image_family when the frame is one of our own hooks, else 0
 * and the rest is in its step_*.h.
 */
#ifndef LEAK_STEP_H
#define LEAK_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/arch.h"
#include "preload/walk_slot.h"

enum step_kind {
	STEP_NONE = 0,    /* not known yet */
	STEP_NORMAL = 1,  /* CFA = base + offset */
	STEP_MACHINE = 2, /* two kinds that each machine has for itself */
	STEP_MACHINE_TOO = 3,
	STEP_SIGNAL = 4, /* the trampoline below a signal handler: registers are in the frame */
	STEP_END = 5,    /* the outermost frame: it has no caller, and says so */
	STEP_STOP = 6,   /* cannot be unwound: no description */
	STEP_FULL = 7,   /* has a description that a step cannot express: unwind_full.c */
};

#define STEP_KIND(step) ((step)&7)
#define STEP_BASE_FP (1u << 3)
#define STEP_FP_SAVED (1u << 4)
#define STEP_FAMILY(step) ((uint8_t)((step) >> 8))
#define STEP_FAMILY_SHIFT 8

#if defined(__x86_64__)
#include "preload/step_x86_64.h"
#else
#include "preload/step_aarch64.h"
#endif

struct cfi_row;

/* The step of a frame that has these rules. */
uint64_t step_of_row(const struct cfi_row *row);

#endif
