/*
 * The unwinder seam: a back end turns the place of a call into a stack of frames. Selected once, at
 * the start, by the `unwind` option.
 */
#ifndef LEAK_UNWIND_H
#define LEAK_UNWIND_H

#include <stdbool.h>
#include <stdint.h>

/* Where a walk starts: the registers of the hook's caller at its call. */
struct frame_start {
	uintptr_t ip; /* return address into the caller */
	uintptr_t sp; /* the caller's stack pointer after the return */
	uintptr_t bp; /* the caller's frame pointer register */
};

/* A hook keeps a frame pointer, so its frame begins with the caller's rbp and the return address.
 */
static inline struct frame_start frame_start_of(const void *frame)
{
	const uintptr_t *at = frame;

	return (struct frame_start){.ip = at[1], .sp = (uintptr_t)(at + 2), .bp = at[0]};
}

/* Where it has the caller's rbp. */
static inline const uintptr_t *frame_start_bp_slot(const struct frame_start *at)
{
	return (const uintptr_t *)at->sp - 2;
}

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
