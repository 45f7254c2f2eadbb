/*
 * The unwinder seam: a back end turns the place of a call into a stack of frames. Selected once, at
 * the start, by the `unwind` option.
 */
#ifndef LEAK_UNWIND_H
#define LEAK_UNWIND_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/arch.h"

/* A stack, innermost frame first. A frame is an image_node ip: address and module number, with
 * STEP_KEY_EXACT where a signal interrupted it. `frames` is the caller's buffer. */
struct trace {
	uint64_t *frames;
	uint32_t capacity;
	uint32_t count;
	uint32_t flags;      /* NODE_TRUNCATED, NODE_PARTIAL */
	uint8_t family;      /* 0, or the family of an outer hook that the stack runs through */
	bool through_signal; /* a signal handler is on the stack */
};

struct unwinder {
	const char *name;
	bool repeatable; /* a walk depends on registers and stack slots alone: it may be remembered
			  */
	/* False when the back end is not usable here; says why on stderr if `talk`. Start-up. */
	bool (*start)(bool talk);
	/* Fills `t`. `stack_high` is the end of the thread's own stack. Any thread, also in a
	 * signal handler: no lock, no allocation, no system call (libunwind breaks all three). */
	void (*walk)(const struct frame_start *at, uintptr_t stack_high, struct trace *t);
};

extern const struct unwinder unwind_cfi, unwind_full, unwind_libunwind, unwind_libgcc;

/* The selected one. */
extern const struct unwinder *unwinder;

#endif
