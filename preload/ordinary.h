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

/* This thread is not idle over a heap of wide granules. */
void *track_unready(void *block, size_t size, unsigned family, const void *frame);
bool track_free_unready(void *block);

/* Any event of the heap. */
void *track_any(void *block, size_t size, unsigned family, const void *frame);
bool track_free_any(void *block);

/* An event in lane 0 whose stack's tip is not the likely one. */
void *track_walked(
	struct thread *self, void *block, size_t size, unsigned family, const void *frame);

/* An event in lane 0 whose stack is known, but something about it is not ordinary: the stack, a
 * size that has no room in a record, a slot that is not empty. */
void *track_odd(struct thread *self, const struct stack_tip *tip, void *block, size_t size,
	unsigned family, const void *frame);

/* Brings a thread's share of the live total to the process's. */
void track_flush(struct image_thread *totals);

/* A hook keeps a frame pointer, so its frame begins with the caller's rbp and the return address.
 */
HOT struct frame_start frame_start_of(const void *frame)
{
	const uintptr_t *at = frame;

	return (struct frame_start){.ip = at[1], .sp = (uintptr_t)(at + 2), .bp = at[0]};
}

HOT void ordinary_count_alloc(struct thread *self, struct image_site *row, uint64_t size)
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
			track_flush(totals);
	}
}

HOT void ordinary_count_free(struct thread *self, uint64_t size)
{
	struct image_thread *totals = self->totals;

	arch_counter_add(&totals->frees, 1);
	arch_counter_add(&totals->free_bytes, size);
	arch_counter_add((uint64_t *)&totals->live_delta, -size);
	if (unlikely(totals->live_delta < -PEAK_FLUSH_BYTES))
		track_flush(totals);
}

/* Tells operator new, further out on the stack, what was recorded for it. */
HOT void ordinary_remember(struct image_site *row, const void *block, size_t size)
{
	tls.last_row = row;
	tls.last_made = block;
	tls.last_size = size;
}

/* `idle` is what tls.ready was found to be. Returns the block. */
HOT void *ordinary_record(struct thread *self, struct live_place place, enum thread_ready idle,
	void *block, size_t size, unsigned family, const void *frame)
{
	struct frame_start start = frame_start_of(frame);
	const struct stack_tip *tip;
	struct image_site *row;

	if (unlikely(!place.slot))
		return track_any(block, size, family, frame);
	__builtin_prefetch(place.slot, 1);
	tls.ready = THREAD_BUSY;
	atomic_signal_fence(memory_order_seq_cst);
	tip = walk_tip(&self->cache, &start, family);
	if (unlikely(!tip))
		return track_walked(self, block, size, family, frame);
	if (unlikely(tip->odd) || unlikely(size >= SLOT_SIZE_ESCAPE) || unlikely(*place.slot))
		return track_odd(self, tip, block, size, family, frame);
	atomic_signal_fence(memory_order_seq_cst);
	tls.ready = idle;
	row = tip->row;
	__atomic_store_n(
		place.slot, live_record(place, row->site, size, hot.slot_moment), __ATOMIC_RELEASE);
	if (unlikely(tip->outer))
		ordinary_remember(row, block, size);
	ordinary_count_alloc(self, row, size);
	return block;
}

HOT void *ordinary_alloc(void *block, size_t size, unsigned family, const void *frame)
{
	if (unlikely(tls.ready != THREAD_WIDE))
		return track_unready(block, size, family, frame);
	return ordinary_record(tls.self, live_find_wide((uintptr_t)block), THREAD_WIDE, block, size,
		family, frame);
}

HOT bool ordinary_release(struct thread *self, struct live_place place, void *block)
{
	uint64_t size;

	if (unlikely(!place.slot) || !live_is_ordinary(place, *place.slot, &size))
		return track_free_any(block);
	*place.slot = 0;
	ordinary_count_free(self, size);
	return true;
}

/* False when the block is not the real free's. */
HOT bool ordinary_free(void *block)
{
	if (unlikely(tls.ready != THREAD_WIDE))
		return track_free_unready(block);
	return ordinary_release(tls.self, live_find_wide((uintptr_t)block), block);
}

#endif
