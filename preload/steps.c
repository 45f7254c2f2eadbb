/* The step table's slow paths: learning, growing, forgetting. */
#include <stdbool.h>

#include "preload/steps.h"
#include "preload/hook_table.h"
#include "preload/process.h"
#include "preload/sys.h"

#define FIRST_ROWS 4096

struct step_table *_Atomic steps_table;

/* One thread at a time replaces the table; others that want to meanwhile do without. */
static atomic_flag replacing = ATOMIC_FLAG_INIT;

static struct step_table *make_table(uint64_t rows)
{
	struct step_table *table = sys_memory(sizeof(*table) + rows * sizeof(struct step_row));

	if (!table)
		return NULL;
	table->mask = rows - 1;
	table->shift = 64 - (unsigned)__builtin_ctzll(rows);
	return table;
}

bool steps_start(void)
{
	struct step_table *table = make_table(FIRST_ROWS);

	atomic_store(&steps_table, table);
	return table != NULL;
}

static void insert(struct step_table *table, uint64_t key, uint64_t step)
{
	uint64_t address = key & STEP_KEY_ADDRESS;

	for (uint64_t i = steps_hash(table, address);; i++) {
		struct step_row *row = &table->rows[i & table->mask];
		uint64_t there = atomic_load_explicit(&row->key, memory_order_acquire);

		if (there == 0) {
			/* Never full: a table is replaced when half of it is used. */
			if (atomic_compare_exchange_strong(&row->key, &there, key)) {
				atomic_store_explicit(&row->step, step, memory_order_release);
				atomic_fetch_add_explicit(&table->used, 1, memory_order_relaxed);
				return;
			}
		}
		if ((there & STEP_KEY_ADDRESS) == address) {
			/* Another thread was first, and may have died in between (in a fork). */
			if (there == key)
				atomic_store_explicit(&row->step, step, memory_order_release);
			return;
		}
	}
}

/* Copies what is worth keeping into a new table and lets readers see it. Rows that others add to
 * the old table meanwhile are learned again. The old table stays: readers may be in it. */
static SLOW void replace(uint64_t rows, uint32_t without_module)
{
	struct step_table *old, *fresh;

	old = atomic_load_explicit(&steps_table, memory_order_acquire);
	fresh = make_table(rows);
	if (!fresh)
		return;
	for (uint64_t i = 0; i <= old->mask; i++) {
		uint64_t key = atomic_load_explicit(&old->rows[i].key, memory_order_acquire);
		uint64_t step = atomic_load_explicit(&old->rows[i].step, memory_order_acquire);

		if (key && step && (!without_module || key >> IP_MODULE_SHIFT != without_module))
			insert(fresh, key, step);
	}
	atomic_store_explicit(&steps_table, fresh, memory_order_release);
}

static SLOW void grow(struct step_table *table)
{
	if (atomic_flag_test_and_set(&replacing))
		return;
	if (table == atomic_load_explicit(&steps_table, memory_order_acquire))
		replace((table->mask + 1) * 4, 0);
	atomic_flag_clear(&replacing);
}

SLOW uint64_t steps_learn(uint64_t address, uint64_t *ret_key)
{
	struct step_table *table = atomic_load_explicit(&steps_table, memory_order_acquire);
	uintptr_t ip = address & ~STEP_KEY_EXACT;
	uintptr_t pc = address & STEP_KEY_EXACT ? ip : ip - 1;
	struct loaded object;
	uint64_t step;

	*ret_key = address;
	/* Code outside of every object is not kept: it may be code at another time. */
	if (ip >> 47 || !modules_find(pc, &object))
		return STEP_STOP;
	*ret_key |= (uint64_t)object.number << IP_MODULE_SHIFT;
	step = cfi_compile(pc, &object);
	/* The loader's entry point, where the kernel started us, is the one place in it without a
	 * description: constructors that allocate have it as their outermost frame. */
	if (step == STEP_STOP && object.start == process.loader)
		step = STEP_END;
	step |= (uint64_t)hook_family_at(pc) << STEP_FAMILY_SHIFT;
	if (atomic_load_explicit(&table->used, memory_order_relaxed) * 2 > table->mask) {
		grow(table);
		table = atomic_load_explicit(&steps_table, memory_order_acquire);
	}
	if (atomic_load_explicit(&table->used, memory_order_relaxed) * 4 < table->mask * 3)
		insert(table, *ret_key, step);
	return step;
}

void steps_forget_module(uint32_t number)
{
	/* A library went while the table is being replaced: wait for the one who does it, which is
	 * short and calls nobody. Signals cannot nest here: dlclose is not for handlers. */
	while (atomic_flag_test_and_set(&replacing))
		sys_call0(SYS_sched_yield);
	replace(atomic_load(&steps_table)->mask + 1, number);
	atomic_flag_clear(&replacing);
}
