/*
 * Verified incremental unwinding: the last walk of a thread, kept so that the next one walks only
 * what is new and checks the rest.
 *
 * Why it is sound. A walk is a deterministic function of the registers (ip, sp, bp) it starts from
 * and of the stack slots it reads. When the new walk arrives at a frame with the same ip, sp and
 * (where it matters further out) bp as a remembered frame, and every slot that the remembered walk
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

/* One remembered frame, outermost first. */
struct cached_frame {
	uintptr_t sp; /* at the frame's ip */
	uintptr_t bp;
	uint64_t key;      /* address and module, steps.h */
	uint64_t hash;     /* of all frames from the outermost to this one */
	uint64_t identity; /* hash, sp, and bp where it matters, in one */
	uint32_t node;     /* its number in the tree of stacks, 0 if not looked up yet */
	uint32_t checks;   /* the end of the checks that vouch for this frame and all outer ones */
	uint32_t cut;      /* 0, or 1 + the index of the outermost frame that is a hook of ours */
	uint8_t family;    /* of that hook, when it is this frame */
	uint8_t needs_bp;  /* does bp here decide anything further out? */
	uint16_t unused;
	uint64_t reserved;
};
_Static_assert(sizeof(struct cached_frame) == 64, "one cache line");

/* A frame that a walk under way has found, innermost first: they wait at the end of the array of
 * the remembered ones, downwards. */
struct new_frame {
	uintptr_t sp, bp;
	uint64_t key;
	uint64_t step;
	uintptr_t return_slot; /* where its return address was read, 0 if nowhere */
	uintptr_t bp_slot;     /* where the caller's bp was read, 0 if nowhere */
	uintptr_t deref_slot;  /* where the CFA was read, 0 if nowhere */
	uint64_t reserved;
};
_Static_assert(sizeof(struct new_frame) == sizeof(struct cached_frame), "they share an array");

/* "This slot held this value." An array of checks begins with one that never holds: who goes
 * through it backwards needs no other end. */
struct slot_check {
	const uintptr_t *slot;
	uintptr_t value;
};

/* The tip of a stack that was met before: its innermost frames, as the checks that vouch for them,
 * on top of a remembered frame. A program that allocates at several places in turn finds each one's
 * tip here, and needs no walk. `ip` is zero while it is written. */
#define TIP_CHECKS 11

struct stack_tip {
	/* The call, told by frame_start_place; where the frame pointer matters, it is the first
	 * check. */
	uintptr_t ip, sp;
	const struct cached_frame *base;          /* the frame that it stands on, */
	uint64_t base_identity;                   /* what that one is, */
	const struct slot_check *base_checks_end; /* and the checks that vouch for it */
	const struct slot_check *checks_end;
	struct image_site *row; /* what the stack amounts to */
	uint32_t unloads;       /* modules_unloads() when it was written */
	uint8_t family;         /* which was called */
	uint8_t plain;          /* none of the next three */
	uint8_t outer;          /* struct trace's family */
	uint8_t partial : 1;    /* the stack could not be walked to its end */
	uint8_t odd : 1;        /* partial, or every stack is verified */
	struct slot_check check[1 + TIP_CHECKS];
};
_Static_assert(sizeof(struct stack_tip) == 256, "four cache lines");

/* Two tables of guesses, each entry a tip's offset from the first one. `likely`: what came next
 * when this call and the event before it were met last. `fork`: where another stack went on that
 * left the likely tip at this check with this value. */
#define GUESSES_BITS 12

struct tip_guesses {
	uint32_t likely[1u << GUESSES_BITS];
	uint32_t fork[1u << GUESSES_BITS];
};

struct walk_cache {
	struct cached_frame *frames;
	const struct cached_frame *end; /* of the remembered ones: frames + count */
	struct slot_check *checks;      /* three times as many as frames */
	char *tips;                     /* pairs, by the hash of the whole stack */
	struct tip_guesses *guesses;
	uint32_t *likely;  /* of the last event whose likely tip was not it: that one's entry, */
	uint32_t *fork;    /* and the other guess's */
	uint32_t last_tip; /* of the last event, as an offset */
	uint32_t count, capacity;
	uint32_t tip_bits; /* log2 of the number of tips */
	uint32_t base;     /* of the frames that the last walk found, how many were remembered */
	uint32_t missed;   /* events whose tip was not there */
	uint32_t flags;    /* how the outermost frame ended: NODE_PARTIAL or 0 */
	uint32_t unloads;  /* modules_unloads() when it was filled */
};

enum walk_result {
	WALK_DONE,   /* ret_hash, t->count, t->flags, t->family are set; t->frames is not */
	WALK_PLAIN,  /* not for the cache: walk in full */
	WALK_DEEPER, /* more frames than the cache can hold */
};

/* Walks with the help of the remembered frames, and remembers what it finds. The calling thread's
 * own cache; not re-entrant, but it may be abandoned at any instruction (longjmp) and used again.
 */
enum walk_result walk_cached(struct walk_cache *cache, const struct frame_start *at,
	uintptr_t stack_high, struct trace *t, uint64_t *ret_hash);

/* Copies the visible frames of the last WALK_DONE into t->frames, which holds t->count. */
void walk_cached_frames(const struct walk_cache *cache, struct trace *t);

/* The site of the last WALK_DONE's stack in the tree; 0 when the tree cannot grow. `hash` is that
 * of the stack and the family. */
uint32_t walk_cached_site(
	struct walk_cache *cache, const struct trace *t, unsigned family, uint64_t hash);

/* Remembers the tip of the last WALK_DONE's stack, if it is a short one. */
void walk_keep_tip(struct walk_cache *cache, const struct frame_start *at, const struct trace *t,
	unsigned family, struct image_site *row);

/* Makes the table of tips, the first one or a larger one; false when there is none. */
bool walk_more_tips(struct walk_cache *cache);

/* Gives the cache room for `capacity` frames, and forgets the remembered ones; false, and nothing
 * happened, when there is no memory. */
bool walk_resize(struct walk_cache *cache, uint32_t capacity);

/* Forgets the remembered frames. */
static inline void walk_forget(struct walk_cache *cache)
{
	cache->count = 0;
	cache->end = cache->frames;
}

/* The first check from `end` backwards that does not hold; the array's first one, if all do.
 * Innermost first, and not past one that does not hold. */
HOT const struct slot_check *walk_difference(const struct slot_check *end)
{
	for (const struct slot_check *check = end - 1;; check -= 4) {
		if (unlikely(*check[0].slot != check[0].value))
			return check;
		if (unlikely(*check[-1].slot != check[-1].value))
			return check - 1;
		if (unlikely(*check[-2].slot != check[-2].value))
			return check - 2;
		if (unlikely(*check[-3].slot != check[-3].value))
			return check - 3;
	}
}

/* Is this call the one that the tip was made for? Only then may its checks be looked at. */
HOT bool walk_tip_begins(const struct stack_tip *tip, const struct frame_start *at, unsigned family)
{
	return tip->ip == at->ip && tip->sp == frame_start_place(at) && tip->family == family &&
	       tip->unloads == modules_unloads();
}

/* Is this call's stack the one that ends in this tip? */
HOT bool walk_tip_holds(const struct walk_cache *cache, const struct stack_tip *tip,
	const struct frame_start *at, unsigned family)
{
	return walk_tip_begins(tip, at, family) && tip->base < cache->end &&
	       tip->base->identity == tip->base_identity &&
	       walk_difference(tip->checks_end) == tip->check &&
	       walk_difference(tip->base_checks_end) == cache->checks;
}

/* The entry of a table that belongs to a key. The multiplier is 2^32 over the golden ratio. */
HOT uint32_t *walk_guess(uint32_t *table, uint32_t key)
{
	return &table[key * 0x9e3779b1u >> (32 - GUESSES_BITS)];
}

/* The entry for this call after the event before it. */
HOT uint32_t *walk_likely(const struct walk_cache *cache, const struct frame_start *at)
{
	return walk_guess(
		cache->guesses->likely, (uint32_t)(at->ip + at->sp * 8) ^ cache->last_tip);
}

/* The tip that this call's stack most likely ends in, if it does; else NULL. */
HOT const struct stack_tip *walk_tip(
	struct walk_cache *cache, const struct frame_start *at, unsigned family)
{
	uint32_t offset = *walk_likely(cache, at);
	const struct stack_tip *tip = (const struct stack_tip *)(cache->tips + offset);

	if (unlikely(!walk_tip_holds(cache, tip, at, family)))
		return NULL;
	cache->last_tip = offset;
	return tip;
}

/* A second guess, after walk_tip. */
const struct stack_tip *walk_other_tip(
	struct walk_cache *cache, const struct frame_start *at, unsigned family);

#endif
