/*
 * One step of the table-driven walk, shared by the plain walker (unwind_cfi.c) and the one that
 * remembers (walk_cache.c), so that both read the same slots under the same conditions.
 */
#ifndef LEAK_WALK_H
#define LEAK_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/steps.h"
#include "preload/sys.h"

/* On a stack that is not the thread's own (coroutine, alternate signal stack) no end is known. */
#define FRAME_BYTES_MAX (256ull << 20)

static inline uintptr_t walk_load(uintptr_t at)
{
	return *(const uintptr_t *)at;
}

/* The end of the stack that `sp` is on, as far as it is known. */
static inline uintptr_t walk_end_of(uintptr_t sp, uintptr_t stack_high)
{
	return sp < stack_high ? stack_high : UINTPTR_MAX - FRAME_BYTES_MAX;
}

/* A slot that a frame at `sp` may own. */
static inline bool walk_readable(uintptr_t at, uintptr_t sp, uintptr_t high)
{
	return at >= sp && at < high && at - sp < FRAME_BYTES_MAX && at % 8 == 0;
}

static inline uint64_t walk_step(
	const struct step_table **table, uint64_t address, uint64_t *ret_key)
{
	uint64_t step = steps_find(*table, address, ret_key);

	if (unlikely(step == STEP_NONE)) {
		step = steps_learn(address, ret_key);
		*table = atomic_load_explicit(&steps_table, memory_order_acquire);
	}
	return step;
}

/* The canonical frame address of a frame that is not STEP_NORMAL; 0 where it has none that may be
 * read. *ret_slot gets the slot that it was read from, if any. */
static inline uintptr_t walk_odd_cfa(uint64_t step, uint64_t address, uintptr_t sp, uintptr_t bp,
	uintptr_t high, uintptr_t *ret_slot)
{
	uintptr_t slot;

	if (STEP_KIND(step) == STEP_PLT)
		return sp + 8 + ((address & 15) >= (uint64_t)STEP_OFFSET(step) ? 8 : 0);
	if (STEP_KIND(step) != STEP_DEREF)
		return 0;
	slot = (step & STEP_BASE_RBP ? bp : sp) + (uintptr_t)STEP_OFFSET(step);
	if (!walk_readable(slot, sp, high))
		return 0;
	*ret_slot = slot;
	return walk_load(slot);
}

#endif
