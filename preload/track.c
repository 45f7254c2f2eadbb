/* The events, see track.h. This is the hot path: no lock, no system call, no libc. */
#include "preload/track.h"
#include "preload/clock.h"
#include "preload/early.h"
#include "preload/hot.h"
#include "preload/image.h"
#include "preload/lanes.h"
#include "preload/limit.h"
#include "preload/modules.h"
#include "preload/options.h"
#include "preload/ordinary.h"
#include "preload/regions.h"
#include "preload/stacks.h"
#include "preload/threads.h"
#include "preload/trigger.h"
#include "preload/unwind.h"
#include "preload/verify.h"

/* First time that this thread meets this stack. `cached`: the walk cache has its frames. */
static SLOW struct image_site *new_site(
	struct thread *self, uint64_t key, const struct trace *t, bool cached, unsigned family)
{
	uint32_t site =
		cached ? walk_cached_site(&self->cache, t, family, key) : stacks_intern(t, family);

	if (!site) {
		/* The tree is full: all that we can still tell is who was called. */
		struct trace none = {.count = 0};

		image_count_lost(LOST_TRUNCATED_STACKS, 1);
		site = stacks_intern(&none, family);
	}
	return site ? thread_add_site(self, key, site) : NULL;
}

/* Lane 0 is this thread's ordinary one; others serve signal handlers that interrupted it. */
static SLOW uint64_t walk_nested(
	struct thread *self, uint32_t lane, const struct frame_start *start, struct trace *t)
{
	if (lane >= LANES || !lane_ready(self, lane)) {
		*t = (struct trace){.flags = NODE_PARTIAL, .through_signal = true};
		image_count_lost(LOST_NESTED_STACKS, 1);
		return stacks_hash(t);
	}
	return lane_walk(self, lane, start, t);
}

/* Lane 0: with the cache's help where it can. */
static bool walk_ordinary(
	struct thread *self, const struct frame_start *start, struct trace *t, uint64_t *ret_hash)
{
	enum walk_result result = WALK_PLAIN;

	if (likely(unwinder->repeatable)) {
		do
			result = walk_cached(&self->cache, start, self->stack_high, t, ret_hash);
		while (result == WALK_DEEPER && thread_grow_cache(self, lane_depth_limit()));
		if (likely(result == WALK_DONE && t->count <= options.depth))
			return true;
	}
	*ret_hash = lane_walk(self, 0, start, t);
	return false;
}

/* What a stack that was met before needs besides: rarely anything. Lane 0. */
HOT void note_tip(struct thread *self, const struct stack_tip *tip, const struct frame_start *start,
	unsigned family)
{
	if (likely(!tip->odd))
		return;
	if (tip->partial)
		image_count_lost(LOST_PARTIAL_STACKS, 1);
	if (options.verify)
		verify_site(self, start, family, tip->row);
}

/* A stack whose tip is not the likely one, and the end of its lane. ret_outer as in site_here. */
static __attribute__((noinline)) struct image_site *site_walked(struct thread *self,
	struct lane lane, unsigned family, const void *frame, unsigned *ret_outer)
{
	struct frame_start start = frame_start_of(frame);
	struct image_site *row;
	struct trace t;
	uint64_t hash;
	bool cached = false;

	if (likely(lane.number == 0)) {
		const struct stack_tip *tip = walk_other_tip(&self->cache, &start, family);

		if (tip) {
			*ret_outer = tip->outer;
			note_tip(self, tip, &start, family);
			lane_leave(self, lane);
			return tip->row;
		}
		cached = walk_ordinary(self, &start, &t, &hash);
	} else {
		hash = walk_nested(self, lane.number, &start, &t);
	}
	*ret_outer = t.family;
	hash = stacks_mix(hash, t.family ? t.family : family);
	row = thread_find_site(self, hash);
	if (unlikely(!row))
		row = new_site(self, hash, &t, cached, t.family ? t.family : family);
	if (likely(cached && row)) {
		walk_keep_tip(&self->cache, &start, &t, family, row);
		if (unlikely(options.verify))
			verify_site(self, &start, family, row);
	}
	if (unlikely(t.flags & NODE_PARTIAL))
		image_count_lost(LOST_PARTIAL_STACKS, 1);
	/* Not lane 0, but no signal handler on the stack: the event that we thought to have
	 * interrupted has been left by longjmp. */
	if (unlikely(lane.number && !t.through_signal && !(t.flags & NODE_PARTIAL)))
		lane = (struct lane){.number = 1, .before = thread_idle()};
	lane_leave(self, lane);
	return row;
}

/* The calling thread's row for the present stack; NULL when there is no memory for it. *ret_outer
 * gets the family of an allocating hook that the stack runs through, which takes the place of
 * `family`, or 0. */
static struct image_site *site_here(
	struct thread *self, unsigned family, const void *frame, unsigned *ret_outer)
{
	struct frame_start start = frame_start_of(frame);
	struct lane lane = lane_enter(self);
	const struct stack_tip *tip =
		likely(lane.number == 0) ? walk_tip(&self->cache, &start, family) : NULL;

	if (unlikely(!tip))
		return site_walked(self, lane, family, frame, ret_outer);
	*ret_outer = tip->outer;
	note_tip(self, tip, &start, family);
	lane_leave(self, lane);
	return tip->row;
}

SLOW void *track_flush(struct image_thread *totals, void *block)
{
	int64_t peak = totals->peak_delta, delta, before, seen;

	delta = __atomic_exchange_n(&totals->live_delta, 0, __ATOMIC_RELAXED);
	before = __atomic_fetch_add(&image->live_bytes_flushed, delta, __ATOMIC_RELAXED);
	totals->peak_delta = 0;
	seen = __atomic_load_n(&image->peak_bytes_flushed, __ATOMIC_RELAXED);
	while (seen < before + peak &&
		!__atomic_compare_exchange_n(&image->peak_bytes_flushed, &seen, before + peak, true,
			__ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
	if (unlikely(options.limit) && delta > 0)
		limit_grew((uint64_t)delta);
	return block;
}

void track_count_free(uint64_t size)
{
	struct thread *self = thread_self();

	if (!self)
		image_count_lost(LOST_DROPPED_EVENTS, 1);
	else if (!ordinary_count_free(self, size))
		track_flush(self->totals, NULL);
}

/* A record was overwritten: its free went past us (another namespace, RTLD_DEEPBIND). */
static SLOW void missed_free(uint64_t record)
{
	uint64_t size = record >> SLOT_SIZE_SHIFT & SLOT_SIZE_MASK;

	/* A size of its own slot is overwritten or stale by now; the count matters, not the bytes.
	 */
	track_count_free(size == SLOT_SIZE_ESCAPE ? 0 : size);
	image_count_lost(LOST_MISSED_FREES, 1);
}

/* Any block, once its site is known. */
HOT void put(struct thread *self, struct live_place place, struct image_site *row,
	const void *block, size_t size)
{
	uint64_t old;

	if (unlikely(!live_put(place, (uintptr_t)block,
		    unlikely(tls.disabled) ? SITE_IGNORED : row->site, size, hot.slot_moment,
		    &old))) {
		image_count_lost(LOST_DROPPED_EVENTS, 1);
		return;
	}
	if (unlikely(old))
		missed_free(old);
	ordinary_count_alloc(self, row, size, NULL);
}

/* Any block of any space. */
static __attribute__((noinline)) void *record(
	enum leaf_space even, void *block, size_t size, unsigned family, const void *frame)
{
	struct live_place place;
	struct thread *self;
	struct image_site *row;
	unsigned outer;

	if (unlikely(tls.in_backend))
		return block;
	if (unlikely(tls.confined)) {
		image_count_lost(LOST_DROPPED_EVENTS, 1);
		return block;
	}
	place = live_find(even, (uintptr_t)block);
	self = thread_self();
	__builtin_prefetch(place.slot, 1);
	if (unlikely(!self) || unlikely(!(row = site_here(self, family, frame, &outer)))) {
		image_count_lost(LOST_DROPPED_EVENTS, 1);
		return block;
	}
	put(self, place, row, block, size);
	ordinary_remember(row, block, size);
	return block;
}

void *track_any(void *block, size_t size, unsigned family, const void *frame)
{
	return record(SPACE_HEAP, block, size, family, frame);
}

void *track_walked(
	struct thread *self, void *block, size_t size, unsigned family, const void *frame)
{
	struct lane lane = {.number = 0, .before = thread_idle()};
	unsigned outer;
	struct image_site *row = site_walked(self, lane, family, frame, &outer);

	if (unlikely(!row)) {
		image_count_lost(LOST_DROPPED_EVENTS, 1);
		return block;
	}
	put(self, live_find(SPACE_HEAP, (uintptr_t)block), row, block, size);
	ordinary_remember(row, block, size);
	return block;
}

void *track_odd(struct thread *self, const struct stack_tip *tip, void *block, size_t size,
	unsigned family, const void *frame)
{
	struct lane lane = {.number = 0, .before = thread_idle()};
	struct frame_start start = frame_start_of(frame);
	struct image_site *row = tip->row;

	note_tip(self, tip, &start, family);
	lane_leave(self, lane);
	put(self, live_find(SPACE_HEAP, (uintptr_t)block), row, block, size);
	ordinary_remember(row, block, size);
	return block;
}

void *track_alloc(void *block, size_t size, unsigned family, const void *frame)
{
	return ordinary_alloc(block, size, family, frame);
}

/* This thread's row of a site. Looks at all of them. */
static struct image_site *row_of(const struct thread *self, uint32_t site)
{
	for (uint64_t i = 0; i <= self->index->mask; i++) {
		uint64_t bucket =
			atomic_load_explicit(&self->index->buckets[i], memory_order_relaxed);

		if (bucket && BUCKET_ROW(bucket)->site == site)
			return BUCKET_ROW(bucket);
	}
	return NULL;
}

/* The note of what was recorded last only helps to find its row: a signal handler may have changed
 * it. */
static void resize(
	struct thread *self, uintptr_t address, const struct live_block *block, size_t size)
{
	uint64_t change = size - block->size; /* modulo 2^64: it may be less */
	struct image_site *row = tls.last_row;

	if (block->size == size || !live_resize(SPACE_HEAP, address, size))
		return;
	if (!row || row->site != block->site)
		row = row_of(self, block->site);
	if (row)
		arch_counter_add(&row->bytes, change);
	arch_counter_add(&self->totals->alloc_bytes, change);
	arch_counter_add((uint64_t *)&self->totals->live_delta, change);
}

SLOW void track_resize(const void *block, size_t size)
{
	struct thread *self = tls.self;
	struct live_block found;

	live_look(SPACE_HEAP, (uintptr_t)block, &found);
	if (self && found.slot)
		resize(self, (uintptr_t)block, &found, size);
}

SLOW bool track_recorded_as_new(const void *block, size_t size)
{
	struct thread *self = tls.self;
	const struct image_node *leaf;
	struct live_block found;
	uintptr_t start;

	if (!self || !live_find_around((uintptr_t)block, &start))
		return false;
	live_look(SPACE_HEAP, start, &found);
	leaf = found.slot ? stacks_node(found.site) : NULL;
	if (!leaf || leaf->ip < FAMILY_NEW || leaf->ip > FAMILY_NEW_ARRAY_ALIGNED_NOTHROW)
		return false;
	if (start == (uintptr_t)block)
		resize(self, start, &found, size);
	return true;
}

/* A pointer that the index does not know. */
static SLOW bool unknown_free(void *block)
{
	if (early_owns(block))
		return false;
	if (tls.deleting == block || tls.in_backend)
		return true;
	modules_block_freed(block);
	image_count_lost(image->forked ? LOST_INHERITED_FREES : LOST_UNKNOWN_FREES, 1);
	return true;
}

bool track_free(void *block)
{
	struct live_block old;

	live_take(SPACE_HEAP, (uintptr_t)block, &old);
	if (!old.slot)
		return unknown_free(block);
	if (unlikely(old.slot & SLOT_WATCH))
		modules_block_freed(block);
	track_count_free(old.size);
	return true;
}

bool track_delete_begin(void *block, struct track_deletion *ret_before)
{
	struct thread *self = thread_self();
	struct live_block old;

	/* One operator delete often calls another. */
	if (tls.deleting == block)
		return false;
	*ret_before = (struct track_deletion){tls.deleting, tls.delete_frees};
	live_take(SPACE_HEAP, (uintptr_t)block, &old);
	tls.deleting = block;
	tls.delete_frees = self ? self->totals->frees : 0;
	if (!old.slot)
		return true;
	if (unlikely(old.slot & SLOT_WATCH))
		modules_block_freed(block);
	track_count_free(old.size);
	return true;
}

void track_delete_end(void *block, const struct track_deletion *before)
{
	struct thread *self = tls.self;
	bool none = self && self->totals->frees == tls.delete_frees;

	tls.deleting = before->block;
	tls.delete_frees = before->frees;
	/* Neither it nor anything inside the real delete had a record. */
	if (unlikely(none))
		unknown_free(block);
}

void track_realloc_begin(void *block, struct live_block *ret)
{
	live_take(SPACE_HEAP, (uintptr_t)block, ret);
}

void track_realloc_freed(void *block, const struct live_block *old)
{
	if (!old->slot)
		unknown_free(block);
	else
		track_count_free(old->size);
}

void track_realloc_end(void *block, const struct live_block *old, void *moved, size_t size,
	unsigned family, const void *frame)
{
	if (block)
		track_realloc_freed(block, old);
	track_alloc(moved, size, family, frame);
}

void track_realloc_failed(void *block, const struct live_block *old)
{
	live_restore(SPACE_HEAP, (uintptr_t)block, old);
}

void track_map(enum region_kind kind, void *start, size_t size, int prot, int flags,
	unsigned family, const void *frame)
{
	struct thread *self = thread_self();
	struct image_site *row;
	unsigned outer = 0;

	if (tls.in_backend)
		return;
	row = self ? site_here(self, family, frame, &outer) : NULL;
	/* An allocator that fetches memory for the block it is about to hand out: the block is the
	 * program's, this is not. */
	if (outer) {
		if (kind == REGION_MMAP)
			regions_add(REGION_ALLOCATOR, (uintptr_t)start, size, 0, prot, flags);
		return;
	}
	if (!row) {
		image_count_lost(LOST_DROPPED_REGIONS, 1);
		return;
	}
	arch_counter_add(&row->allocs, 1);
	arch_counter_add(&row->bytes, size);
	regions_add(
		kind, (uintptr_t)start, size, tls.disabled ? SITE_IGNORED : row->site, prot, flags);
}

void track_pool_alloc(const void *block, size_t size, const void *frame)
{
	if (clock_note_is_old())
		trigger_second();
	record(SPACE_CUSTOM, (void *)block, size, FAMILY_CUSTOM, frame);
}

void track_pool_free(const void *block)
{
	struct live_block old;

	live_take(SPACE_CUSTOM, (uintptr_t)block, &old);
	if (!old.slot)
		image_count_lost(LOST_UNKNOWN_FREES, 1);
	else
		track_count_free(old.size);
}
