/*
 * Verified incremental unwinding: the last walk of a thread, kept so that the next one walks only
 * what is new and checks the rest.
 *
 * Why it is sound. A walk is a deterministic function of the registers (ip, sp, rbp) it starts from
 * and of the stack slots it reads. When the new walk arrives at a frame with the same ip, sp and
 * (where it matters further out) rbp as a remembered frame, and every slot that the remembered walk
 * read from there outwards still holds the same value, then walking on would yield the remembered
 * frames exactly. So all those slots are read again, innermost first; nothing is skipped.
 *
 * Why it is safe. Each slot that is read was reached through slots that were just found unchanged,
 * so a full walk would read it, too. At the first difference the check stops, before anything
 * further out, which may lie on a stack that is gone.
 *
 * What it does not remember: walks through signal frames or ended by an implausible frame, walks
 * cut by the depth limit, and anything from before a library was unloaded. Those are walked in
 * full.
 */
#ifndef LEAK_WALK_CACHE_H
#define LEAK_WALK_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/modules.h"
#include "preload/stacks.h"
#include "preload/steps.h"
#include "preload/sys.h"
#include "preload/unwind.h"

/* One remembered frame, outermost first. One cache line. While a walk is under way, new frames wait
 * at the end of the array, where `hash` is the return address's slot. */
struct cached_frame {
	uintptr_t sp; /* at the frame's ip */
	uintptr_t bp;
	uint64_t key;         /* address and module, steps.h */
	uint64_t hash;        /* of all frames from the outermost to this one */
	uintptr_t bp_slot;    /* where the caller's rbp was read, 0 if nowhere */
	uintptr_t deref_slot; /* where the CFA was read, 0 if nowhere */
	uint32_t checks;      /* how many checks vouch for this frame and all outer ones */
	uint32_t cut;      /* 0, or 1 + the index of the outermost frame that is a hook of ours */
	uint32_t step;     /* the low half of its step: kind, flags, family */
	uint32_t needs_bp; /* does rbp here decide anything further out? */
};

/* "This slot held this value." */
struct slot_check {
	const uintptr_t *slot;
	uintptr_t value;
};

struct walk_cache {
	struct cached_frame *frames;
	struct slot_check *checks; /* three times as many as frames */
	uint32_t count, capacity;
	uint32_t flags;   /* how the outermost frame ended: NODE_PARTIAL or 0 */
	uint32_t unloads; /* modules_unloads() when it was filled */
};

enum walk_result {
	WALK_DONE,   /* ret_hash, t->count, t->flags, t->family are set; t->frames is not */
	WALK_PLAIN,  /* not for the cache: walk in full */
	WALK_DEEPER, /* more frames than the cache can hold */
};

/* Walks with the help of the cache, and fills it. The calling thread's own cache; not re-entrant,
 * but it may be abandoned at any instruction (longjmp) and used again. */
static inline enum walk_result walk_cached(struct walk_cache *cache, const struct frame_start *at,
	uintptr_t stack_high, struct trace *t, uint64_t *ret_hash);

/* Copies the visible frames of the last WALK_DONE into t->frames, which holds t->count. */
void walk_cached_frames(const struct walk_cache *cache, struct trace *t);

/* The rest of walk_cached: some frames are new. */
enum walk_result walk_cached_new(struct walk_cache *cache, const struct frame_start *at,
	uintptr_t stack_high, struct trace *t, uint64_t *ret_hash);

/* Are all slots up to `count` as they were? Innermost first. Returns the number of the first check
 * that fails plus one, 0 when none does. */
static inline uint32_t walk_first_difference(const struct slot_check *checks, uint32_t count)
{
	for (const struct slot_check *check = checks + count; check > checks;) {
		check--;
		if (unlikely(*check->slot != check->value))
			return (uint32_t)(check - checks) + 1;
	}
	return 0;
}

/* Is this frame, reached with these registers, the remembered one? */
static inline bool walk_meets(
	const struct cached_frame *frame, uint64_t address, uintptr_t sp, uintptr_t bp)
{
	return frame->sp == sp && (frame->key & STEP_KEY_ADDRESS) == address &&
	       (!frame->needs_bp || frame->bp == bp);
}

/* What the remembered frames amount to. */
static inline enum walk_result walk_result_of(
	const struct walk_cache *cache, struct trace *t, uint64_t *ret_hash)
{
	uint32_t count = cache->count;
	const struct cached_frame *last = &cache->frames[count - 1];

	t->family = 0;
	t->flags = cache->flags;
	t->through_signal = false;
	if (unlikely(last->cut)) {
		t->family = STEP_FAMILY(cache->frames[last->cut - 1].step);
		count = last->cut - 1;
		last = &cache->frames[count - 1];
	}
	t->count = count;
	*ret_hash = likely(count) ? last->hash : stacks_seed(cache->flags);
	return WALK_DONE;
}

static inline enum walk_result walk_cached(struct walk_cache *cache, const struct frame_start *at,
	uintptr_t stack_high, struct trace *t, uint64_t *ret_hash)
{
	const struct cached_frame *last = &cache->frames[cache->count - 1];

	/* The same call again: nothing is new. */
	if (cache->count && walk_meets(last, at->ip, at->sp, at->bp) &&
		cache->unloads == modules_unloads() &&
		!walk_first_difference(cache->checks, last->checks))
		return walk_result_of(cache, t, ret_hash);
	return walk_cached_new(cache, at, stack_high, t, ret_hash);
}

#endif
