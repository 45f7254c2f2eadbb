/*
 * The step table: return address → how to get to its caller (cfi.h) and which module it is in.
 * Filled lazily, shared by all threads, inherited by a forked child. Readers never wait; a table
 * that is full is replaced by a larger one while they go on reading the old one.
 */
#ifndef LEAK_STEPS_H
#define LEAK_STEPS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/cfi.h"
#include "preload/image_format.h"
#include "preload/sys.h"

/* A row's key: address and STEP_KEY_EXACT in the low 48 bits, module number in the high 16. */
#define STEP_KEY_EXACT ARCH_KEY_EXACT      /* interrupted here by a signal, not a return address */
#define STEP_KEY_ADDRESS 0xffffffffffffull /* what identifies a row: address and exactness */

struct step_row {
	_Atomic uint64_t key;  /* 0: empty. Its address never changes, its module may. */
	_Atomic uint64_t step; /* 0: not there yet, or its module was unloaded */
};

struct step_table {
	uint64_t mask; /* rows - 1 */
	unsigned shift;
	_Atomic uint64_t used;
	struct step_row rows[];
};

extern struct step_table *_Atomic steps_table;

/* Where the row of an address belongs. The multiplier is 2^64 over the golden ratio. */
static inline uint64_t steps_hash(const struct step_table *table, uint64_t address)
{
	return (address * 0x9e3779b97f4a7c15ull) >> table->shift;
}

/* The step and the full key of an address, or STEP_NONE. Any thread. */
static inline uint64_t steps_find(
	const struct step_table *table, uint64_t address, uint64_t *ret_key)
{
	for (uint64_t i = steps_hash(table, address);; i++) {
		const struct step_row *row = &table->rows[i & table->mask];
		uint64_t key = atomic_load_explicit(&row->key, memory_order_acquire), step;

		if ((key & STEP_KEY_ADDRESS) == address) {
			step = atomic_load_explicit(&row->step, memory_order_acquire);
			/* Another library took the address over meanwhile: learn again. */
			if (unlikely(atomic_load_explicit(&row->key, memory_order_relaxed) != key))
				step = STEP_NONE;
			*ret_key = key;
			return step;
		}
		if (!key)
			return STEP_NONE;
	}
}

/* Compiles the step of an address and keeps it when it can. Out of line, once per address. */
uint64_t steps_learn(uint64_t address, uint64_t *ret_key);

/* Makes the first table. False when there is no memory. Start-up. */
bool steps_start(void);

/* Forgets what was learned of a module's code. Any thread; nobody waits. */
void steps_forget_module(uint32_t number);

/* In a forked child: a thread that is not there any more may have been replacing the table. */
void steps_inherit(void);

#endif
