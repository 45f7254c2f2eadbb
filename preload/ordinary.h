/*
 * The ordinary event, inline in the hooks that programs call most: this thread is known and idle,
 * has met this stack lately, the block is small and its slot empty. Nothing here is a call;
 * whatever is not ordinary goes to one of the functions of track.c, for good.
 */
#ifndef LEAK_ORDINARY_H
#define LEAK_ORDINARY_H

#include "preload/hot.h"
#include "preload/live.h"
#include "preload/threads.h"
#include "preload/track.h"
#include "preload/walk_cache.h"

/* Any event of the heap. */
void *track_any(void *block, size_t size, unsigned family, const void *frame);

/* An event in lane 0 whose stack's tip is not the likely one. */
void *track_walked(
	struct thread *self, void *block, size_t size, unsigned family, const void *frame);

/* An event in lane 0 whose stack is known, but something about it is not ordinary: the stack, the
 * size, a slot that is not empty. */
void *track_odd(struct thread *self, const struct stack_tip *tip, void *block, size_t size,
	unsigned family, const void *frame);

/* Brings a thread's share of the live total to the process's. Returns the block. */
void *track_flush(struct image_thread *totals, void *block);

/* Returns the block. */
HOT void *ordinary_count_alloc(
	struct thread *self, struct image_site *row, uint64_t size, void *block)
{
	struct image_thread *totals = self->totals;

	arch_counter_add(&row->allocs, 1);
	arch_counter_add(&row->bytes, size);
	arch_counter_add(&totals->allocs, 1);
	arch_counter_add(&totals->alloc_bytes, size);
	arch_counter_add((uint64_t *)&totals->live_delta, size);
	if (totals->live_delta > totals->peak_delta) {
		totals->peak_delta = totals->live_delta;
		if (unlikely(totals->live_delta > PEAK_FLUSH_BYTES))
			return track_flush(totals, block);
	}
	return block;
}

/* False when the live total is to be flushed. */
HOT bool ordinary_count_free(struct thread *self, uint64_t size)
{
	struct image_thread *totals = self->totals;

	arch_counter_add(&totals->frees, 1);
	arch_counter_add(&totals->free_bytes, size);
	arch_counter_add((uint64_t *)&totals->live_delta, -size);
	return likely(totals->live_delta >= -PEAK_FLUSH_BYTES);
}

/* Tells operator new, further out on the stack, what was recorded for it. */
HOT void ordinary_remember(struct image_site *row, const void *block, size_t size)
{
	tls.last_row = row;
	tls.last_made = block;
	tls.last_size = size;
}

/* The size as a record has it: a large one lies in the next slot. SLOT_SIZE_NONE when it cannot be
 * put there without more ado. */
#define SLOT_SIZE_NONE (SLOT_SIZE_ESCAPE + 1)

HOT uint64_t ordinary_put_size(uint64_t *slot, uint64_t size)
{
	uint64_t *next;

	if (likely(size < SLOT_SIZE_ESCAPE))
		return size;
	next = live_next_in_leaf(slot);
	if (unlikely(!next) || unlikely(size > SLOT_BIG_SIZE_MAX))
		return SLOT_SIZE_NONE;
	__atomic_store_n(next, SLOT_OF_BIG_SIZE(size), __ATOMIC_RELEASE);
	return SLOT_SIZE_ESCAPE;
}

/* The record of a block, and its size; 0 when it is not an ordinary one. `slot` is its place, or
 * NULL.
 */
HOT uint64_t ordinary_record(uint64_t *slot, const void *block, uint64_t *ret_size)
{
	uint64_t record, *next;

	if (unlikely(!slot))
		return 0;
	record = *slot;
	if (unlikely((record ^ live_ordinary_half((uintptr_t)block)) & (SLOT_HALF | SLOT_WATCH)))
		return 0;
	*ret_size = record >> SLOT_SIZE_SHIFT & SLOT_SIZE_MASK;
	if (unlikely(*ret_size == SLOT_SIZE_ESCAPE)) {
		next = live_next_in_leaf(slot);
		if (unlikely(!next) || unlikely(!SLOT_IS_SIZE(*next)))
			return 0;
		*ret_size = SLOT_BIG_SIZE(*next);
	}
	return record;
}

/* Records a block whose slot is known. `self`: what tls.ready was found to be. Returns the block.
 */
HOT void *ordinary_put(struct thread *self, uint64_t *slot, void *block, size_t size,
	unsigned family, const void *frame)
{
	struct frame_start start = frame_start_of(frame);
	const struct stack_tip *tip;
	struct image_site *row;
	uint64_t field;

	if (unlikely(!slot))
		return track_any(block, size, family, frame);
	__builtin_prefetch(slot, 1);
	tls.ready = THREAD_BUSY;
	atomic_signal_fence(memory_order_seq_cst);
	tip = walk_tip(&self->cache, &start, family);
	if (unlikely(!tip))
		return track_walked(self, block, size, family, frame);
	if (unlikely(*slot))
		return track_odd(self, tip, block, size, family, frame);
	row = tip->row;
	if (unlikely(!tip->plain)) {
		if (unlikely(tip->odd))
			return track_odd(self, tip, block, size, family, frame);
		ordinary_remember(row, block, size);
	}
	field = ordinary_put_size(slot, size);
	if (unlikely(field == SLOT_SIZE_NONE))
		return track_odd(self, tip, block, size, family, frame);
	atomic_signal_fence(memory_order_seq_cst);
	tls.ready = self;
	__atomic_store_n(slot,
		live_record(
			live_ordinary_half((uintptr_t)block), row->site, field, hot.slot_moment),
		__ATOMIC_RELEASE);
	return ordinary_count_alloc(self, row, size, block);
}

HOT void *ordinary_alloc(void *block, size_t size, unsigned family, const void *frame)
{
	struct thread *self = tls.ready;

	if (unlikely(!thread_is_ready(self)))
		return track_any(block, size, family, frame);
	return ordinary_put(self, live_ordinary_slot((uintptr_t)block), block, size, family, frame);
}

/* A block's ordinary record, where it is and the block's size; 0 when this is not to be an ordinary
 * event. */
HOT uint64_t ordinary_find(const void *block, uint64_t **ret_slot, uint64_t *ret_size)
{
	if (unlikely(!thread_is_ready(tls.ready)))
		return 0;
	*ret_slot = live_ordinary_slot((uintptr_t)block);
	return ordinary_record(*ret_slot, block, ret_size);
}

/* Takes a block's record out, before its free. False, and nothing was done, when that is not an
 * ordinary event; *ret_flush: track_flush is to follow. */
HOT bool ordinary_take(const void *block, bool *ret_flush)
{
	uint64_t *slot, size;

	if (unlikely(!ordinary_find(block, &slot, &size)))
		return false;
	*slot = 0;
	*ret_flush = !ordinary_count_free(tls.ready, size);
	return true;
}

#endif
