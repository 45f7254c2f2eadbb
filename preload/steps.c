/* The step table's slow paths: learning, growing, forgetting. */
#include <stdbool.h>

#include "preload/steps.h"
#include "preload/faults.h"
#include "preload/hook_table.h"
#include "preload/process.h"
#include "preload/own.h"
#include "preload/sys.h"
#include "preload/trampoline.h"

#define FIRST_ROWS FIRST_SIZE(4096, 64)

struct step_table *_Atomic steps_table;

/* One thread at a time replaces the table; others that want to meanwhile do without. Its signals
 * wait: a handler that jumps away would leave it so for ever. */
static atomic_flag replacing = ATOMIC_FLAG_INIT;

static struct step_table *make_table(uint64_t rows)
{
	size_t size = sizeof(struct step_table) + rows * sizeof(struct step_row);
	struct step_table *table = own_memory(size);

	if (!table)
		return NULL;
	/* A larger one is filled all over, and its pages come cheaper all at once. */
	if (rows > FIRST_ROWS)
		sys_madvise(table, size, MADV_POPULATE_WRITE);
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

		if (there == 0 && atomic_compare_exchange_strong(&row->key, &there, key)) {
			/* Never full: a table is replaced when three quarters of it are used. */
			atomic_fetch_add_explicit(&table->used, 1, memory_order_relaxed);
			there = key;
		}
		if ((there & STEP_KEY_ADDRESS) != address)
			continue;
		/* Ours, or another thread's that was first, or a row whose module was unloaded: its
		 * step is gone already, so nobody reads the old module with the new step. */
		if (there != key && atomic_load(&row->step) == STEP_NONE)
			atomic_compare_exchange_strong(&row->key, &there, key);
		if (atomic_load(&row->key) == key)
			atomic_store_explicit(&row->step, step, memory_order_release);
		return;
	}
}

static void forget(struct step_table *table, uint32_t module)
{
	for (uint64_t i = 0; i <= table->mask; i++) {
		uint64_t key = atomic_load_explicit(&table->rows[i].key, memory_order_acquire);

		if (key >> IP_MODULE_SHIFT == module)
			atomic_store_explicit(
				&table->rows[i].step, STEP_NONE, memory_order_release);
	}
}

/* Copies the table into a larger one and lets readers see that. Rows that others add to the old one
 * meanwhile are learned again; it stays, because readers may be in it. */
static SLOW void grow(struct step_table *old)
{
	uint64_t signals = sys_hold_signals();
	struct step_table *fresh;
	uint32_t unloads = modules_unloads();

	if (atomic_flag_test_and_set(&replacing)) {
		sys_release_signals(signals);
		return;
	}
	fresh = old == atomic_load_explicit(&steps_table, memory_order_acquire)
			? make_table((old->mask + 1) * 2)
			: NULL;
	for (uint64_t i = 0; fresh && i <= old->mask; i++) {
		uint64_t key = atomic_load_explicit(&old->rows[i].key, memory_order_acquire);
		uint64_t step = atomic_load_explicit(&old->rows[i].step, memory_order_acquire);

		if (key && step)
			insert(fresh, key, step);
	}
	if (fresh)
		atomic_store_explicit(&steps_table, fresh, memory_order_release);
	/* A library that was unloaded during the copy was forgotten in the old table only. */
	for (uint64_t i = 0; fresh && unloads != modules_unloads() && i <= fresh->mask; i++) {
		uint64_t key = atomic_load_explicit(&fresh->rows[i].key, memory_order_acquire);

		if (key && !modules_is_loaded(key >> IP_MODULE_SHIFT))
			atomic_store_explicit(
				&fresh->rows[i].step, STEP_NONE, memory_order_release);
	}
	atomic_flag_clear(&replacing);
	sys_release_signals(signals);
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
	if (!arch_is_code_address(ip) || !modules_find(pc, &object))
		return ip == trampoline && ip ? STEP_SIGNAL : STEP_STOP;
	*ret_key |= (uint64_t)object.number << IP_MODULE_SHIFT;
	step = cfi_compile(pc, &object);
	/* The loader's entry point, where the kernel started us, is the one place in it without a
	 * description: constructors that allocate have it as their outermost frame. */
	if (step == STEP_STOP && object.start == process.loader)
		step = STEP_END;
	step |= (uint64_t)hook_family_at(pc) << STEP_FAMILY_SHIFT;
	if (atomic_load_explicit(&table->used, memory_order_relaxed) > table->mask / 4 * 3) {
		grow(table);
		table = atomic_load_explicit(&steps_table, memory_order_acquire);
	}
	/* Without a number nobody would forget it when its library goes. */
	if (object.number &&
		atomic_load_explicit(&table->used, memory_order_relaxed) < table->mask / 8 * 7)
		insert(table, *ret_key, step);
	return step;
}

void steps_forget_module(uint32_t number)
{
	forget(atomic_load_explicit(&steps_table, memory_order_acquire), number);
}

void steps_inherit(void)
{
	atomic_flag_clear(&replacing);
}
