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

/* The end of the stack that `sp` is on, as far as it is known. */
static inline uintptr_t walk_end_of(uintptr_t sp, uintptr_t stack_high)
{
	return sp < stack_high ? stack_high : UINTPTR_MAX - FRAME_BYTES_MAX;
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

#endif
