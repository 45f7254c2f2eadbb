/* The events, see track.h. This is the hot path: no lock, no system call, no libc. */
#include "preload/track.h"
#include "preload/clock.h"
#include "preload/early.h"
#include "preload/hot.h"
#include "preload/image.h"
#include "preload/modules.h"
#include "preload/options.h"
#include "preload/regions.h"
#include "preload/stacks.h"
#include "preload/text.h"
#include "preload/threads.h"
#include "preload/trigger.h"
#include "preload/unwind.h"

/* A hook keeps a frame pointer, so its frame begins with the caller's rbp and the return address.
 */
static struct frame_start start_of(const void *frame)
{
	const uintptr_t *at = frame;

	return (struct frame_start){.ip = at[1], .sp = (uintptr_t)(at + 2), .bp = at[0]};
}

/* Frames that a lane's buffer or the walk cache may hold at the most. */
static uint32_t depth_limit(void)
{
	return options.depth > 1u << 24 ? 1u << 24 : (uint32_t)options.depth;
}

/* A full walk into the lane's buffer, which is made larger until the stack fits, up to depth=. */
static SLOW uint64_t walk_plain(
	struct thread *self, unsigned lane, const struct frame_start *start, struct trace *t)
{
	for (;;) {
		t->frames = self->frames[lane];
		t->capacity =
			self->capacity[lane] < depth_limit() ? self->capacity[lane] : depth_limit();
		unwinder->walk(start, self->stack_high, t);
		if (!(t->flags & NODE_TRUNCATED) || t->capacity >= depth_limit())
			break;
		if (!thread_grow_lane(self, lane, depth_limit()))
			break;
	}
	if (t->flags & NODE_TRUNCATED)
		image_count_lost(LOST_TRUNCATED_STACKS, 1);
	return stacks_hash(t);
}

/* The frames of a stack that was found with the help of the cache. */
static SLOW bool fetch_frames(struct thread *self, struct trace *t)
{
	while (self->capacity[0] < t->count) {
		if (!thread_grow_lane(self, 0, UINT32_MAX))
			return false;
	}
	t->frames = self->frames[0];
	t->capacity = self->capacity[0];
	walk_cached_frames(&self->cache, t);
	return true;
}

/* verify=1: the remembered stack must be what a full walk finds. */
static SLOW void verify(
	struct thread *self, const struct frame_start *start, struct trace *cached, uint64_t hash)
{
	static _Atomic uint64_t events;
	struct trace t = {.frames = NULL};
	uint32_t i = 0;

	if (!fetch_frames(self, cached) ||
		(!self->frames[1] && !thread_grow_lane(self, 1, UINT32_MAX)))
		return;
	atomic_fetch_add(&events, 1);
	if (walk_plain(self, 1, start, &t) == hash && t.count == cached->count &&
		t.flags == cached->flags && t.family == cached->family) {
		while (i < t.count && t.frames[i] == cached->frames[i])
			i++;
		if (i == t.count)
			return;
	}
	TEXT(text, 256);
	text_add(&text, "libleak: verify: a remembered stack of ");
	text_add_number(&text, cached->count);
	text_add(&text, " frames differs at frame ");
	text_add_number(&text, i);
	text_add(&text, " from the full walk's ");
	text_add_number(&text, t.count);
	text_add(&text, ", after events: ");
	text_add_number(&text, atomic_load(&events));
	text_print(&text);
	__builtin_trap();
}

/* Lane 0 without the cache's help: it is too small, or the walk is not one to remember. */
static SLOW uint64_t walk_slow(struct thread *self, enum walk_result result,
	const struct frame_start *start, struct trace *t)
{
	uint64_t hash = 0;

	while (result == WALK_DEEPER && thread_grow_cache(self, depth_limit()))
		result = walk_cached(&self->cache, start, self->stack_high, t, &hash);
	if (result == WALK_DONE && t->count <= options.depth)
		return hash;
	return walk_plain(self, 0, start, t);
}

/* First time that this thread meets this stack. */
static SLOW struct image_site *new_site(
	struct thread *self, uint64_t key, struct trace *t, unsigned family)
{
	uint32_t site = 0;

	if (t->count == 0 || t->frames || fetch_frames(self, t))
		site = stacks_intern(t, family);
	if (!site) {
		/* The tree is full: all that we can still tell is who was called. */
		struct trace none = {.count = 0};

		image_count_lost(LOST_TRUNCATED_STACKS, 1);
		site = stacks_intern(&none, family);
	}
	return site ? thread_add_site(self, key, site) : NULL;
}

static SLOW bool ensure_lane(struct thread *self, unsigned lane)
{
	return self->frames[lane] || thread_grow_lane(self, lane, UINT32_MAX);
}

/* Lane 0 is this thread's ordinary one; others serve signal handlers that interrupted it. */
static SLOW uint64_t walk_nested(
	struct thread *self, uint32_t lane, const struct frame_start *start, struct trace *t)
{
	if (lane >= LANES || !ensure_lane(self, lane)) {
		*t = (struct trace){.flags = NODE_PARTIAL, .through_signal = true};
		image_count_lost(LOST_NESTED_STACKS, 1);
		return stacks_hash(t);
	}
	return walk_plain(self, lane, start, t);
}

/* The calling thread's row for the present stack; NULL when there is no memory for it. ret_outer
 * gets the family of an allocating hook that the stack runs through, which takes the place of
 * `family`. */
static inline struct image_site *site_here(
	struct thread *self, unsigned family, const void *frame, unsigned *ret_outer)
{
	struct frame_start start = start_of(frame);
	uint32_t lane = atomic_load_explicit(&self->lane, memory_order_relaxed);
	enum walk_result result;
	struct image_site *row;
	struct trace t;
	uint64_t hash;

	t.frames = NULL;
	atomic_store_explicit(&self->lane, lane + 1, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
	if (likely(lane == 0 && unwinder->repeatable)) {
		result = walk_cached(&self->cache, &start, self->stack_high, &t, &hash);
		if (unlikely(result != WALK_DONE || t.count > options.depth))
			hash = walk_slow(self, result, &start, &t);
		else if (unlikely(options.verify))
			verify(self, &start, &t, hash);
	} else {
		hash = walk_nested(self, lane, &start, &t);
	}
	*ret_outer = t.family;
	if (t.family)
		family = t.family;
	hash = stacks_mix(hash, family);
	row = thread_find_site(self, hash);
	if (unlikely(!row))
		row = new_site(self, hash, &t, family);
	if (unlikely(t.flags & NODE_PARTIAL))
		image_count_lost(LOST_PARTIAL_STACKS, 1);
	/* Lane above 0 without a signal handler on the stack: the one that we thought to have
	 * interrupted has been left by longjmp. */
	if (unlikely(lane && !t.through_signal && !(t.flags & NODE_PARTIAL)))
		lane = 0;
	atomic_signal_fence(memory_order_seq_cst);
	atomic_store_explicit(&self->lane, lane, memory_order_relaxed);
	return row;
}

/* Brings a thread's share of the live total to the process's. */
static SLOW void flush_live(struct image_thread *totals)
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
}

static void count_alloc(struct thread *self, uint64_t size)
{
	struct image_thread *totals = self->totals;

	arch_counter_add(&totals->allocs, 1);
	arch_counter_add(&totals->alloc_bytes, size);
	arch_counter_add((uint64_t *)&totals->live_delta, size);
	if (totals->live_delta > totals->peak_delta) {
		totals->peak_delta = totals->live_delta;
		if (unlikely(totals->live_delta > PEAK_FLUSH_BYTES))
			flush_live(totals);
	}
}

static void count_free(struct thread *self, uint64_t size)
{
	struct image_thread *totals = self->totals;

	arch_counter_add(&totals->frees, 1);
	arch_counter_add(&totals->free_bytes, size);
	arch_counter_add((uint64_t *)&totals->live_delta, -size);
	if (unlikely(totals->live_delta < -PEAK_FLUSH_BYTES))
		flush_live(totals);
}

/* A record was overwritten: its free went past us (another namespace, RTLD_DEEPBIND). */
static SLOW void missed_free(struct thread *self, uint64_t old)
{
	uint64_t size = old >> SLOT_SIZE_SHIFT & SLOT_SIZE_MASK;

	/* A size of its own slot is overwritten or stale by now; the count matters, not the bytes.
	 */
	count_free(self, size == SLOT_SIZE_ESCAPE ? 0 : size);
	image_count_lost(LOST_MISSED_FREES, 1);
}

static void record(
	enum leaf_space even, const void *block, size_t size, unsigned family, const void *frame)
{
	struct thread *self = thread_self();
	enum leaf_space space = live_space(even, (uintptr_t)block);
	uint64_t *slot = live_expect(space, (uintptr_t)block);
	struct image_site *row;
	uint64_t moment, old;
	unsigned outer;

	if (unlikely(!self)) {
		image_count_lost(LOST_DROPPED_EVENTS, 1);
		return;
	}
	moment = clock_moment();
	row = site_here(self, family, frame, &outer);
	if (unlikely(!row)) {
		image_count_lost(LOST_DROPPED_EVENTS, 1);
		return;
	}
	if (unlikely(!live_put(space, (uintptr_t)block, slot,
		    unlikely(tls.disabled) ? SITE_IGNORED : row->site, size, moment, &old))) {
		image_count_lost(LOST_DROPPED_EVENTS, 1);
		return;
	}
	if (unlikely(old))
		missed_free(self, old);
	arch_counter_add(&row->allocs, 1);
	arch_counter_add(&row->bytes, size);
	count_alloc(self, size);
	tls.last_row = row;
	if (unlikely(moment >= hot.tick_moment))
		trigger_tick(moment);
}

void track_alloc(void *block, size_t size, unsigned family, const void *frame)
{
	if (unlikely(tls.in_backend))
		return;
	record(SPACE_HEAP, block, size, family, frame);
	tls.last_made = block;
	tls.last_size = size;
}

SLOW void track_resize_last(size_t size)
{
	struct thread *self = tls.self;
	uint64_t change = size - tls.last_size; /* modulo 2^64: it may be less */

	if (!self || !live_resize(SPACE_HEAP, (uintptr_t)tls.last_made, size))
		return;
	arch_counter_add(&tls.last_row->bytes, change);
	arch_counter_add(&self->totals->alloc_bytes, change);
	arch_counter_add((uint64_t *)&self->totals->live_delta, change);
	tls.last_size = size;
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
	struct thread *self = thread_self();
	struct live_block old;

	live_take(SPACE_HEAP, (uintptr_t)block, &old);
	if (unlikely(!old.slot))
		return unknown_free(block);
	if (unlikely(old.slot & SLOT_WATCH))
		modules_block_freed(block);
	if (likely(self != NULL))
		count_free(self, old.size);
	return true;
}

bool track_delete_begin(void *block)
{
	struct thread *self = thread_self();
	struct live_block old;

	/* One operator delete often calls another. */
	if (tls.deleting == block)
		return false;
	live_take(SPACE_HEAP, (uintptr_t)block, &old);
	tls.deleting = block;
	tls.delete_frees = self ? self->totals->frees : 0;
	if (!old.slot)
		return true;
	if (unlikely(old.slot & SLOT_WATCH))
		modules_block_freed(block);
	if (likely(self != NULL))
		count_free(self, old.size);
	return true;
}

void track_delete_end(void *block)
{
	struct thread *self = tls.self;

	tls.deleting = NULL;
	/* Neither it nor anything inside the real delete had a record. */
	if (unlikely(self && self->totals->frees == tls.delete_frees))
		unknown_free(block);
}

void track_realloc_begin(void *block, struct live_block *ret)
{
	live_take(SPACE_HEAP, (uintptr_t)block, ret);
}

void track_realloc_freed(void *block, const struct live_block *old)
{
	struct thread *self = thread_self();

	if (!old->slot)
		unknown_free(block);
	else if (self)
		count_free(self, old->size);
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
	if (outer)
		return;
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
	record(SPACE_CUSTOM, block, size, FAMILY_CUSTOM, frame);
}

void track_pool_free(const void *block)
{
	struct thread *self = thread_self();
	struct live_block old;

	live_take(SPACE_CUSTOM, (uintptr_t)block, &old);
	if (!old.slot)
		image_count_lost(LOST_UNKNOWN_FREES, 1);
	else if (self)
		count_free(self, old.size);
}
