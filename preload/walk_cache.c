/* The walker that remembers, see walk_cache.h. */
#include "preload/walk_cache.h"
#include "preload/arena.h"
#include "preload/faults.h"
#include "preload/options.h"
#include "preload/walk.h"

#define TIPS_FIRST_BITS FIRST_SIZE(4, 2)
#define TIPS_MOST_BITS 12
#define TIPS_STEP_BITS 4
#define MISSED_MANY 64u /* times as many misses as there are tips: then there are to be more */

static inline uint64_t identity_of(uint64_t hash, uintptr_t sp, uintptr_t bp)
{
	return stacks_mix(hash ^ sp << 16, bp);
}

/* Makes the first `count` frames the remembered ones, for whoever interrupts us and jumps away. */
static inline void keep_only(struct walk_cache *cache, uint32_t count)
{
	atomic_signal_fence(memory_order_seq_cst);
	__atomic_store_n(&cache->count, count, __ATOMIC_RELAXED);
	__atomic_store_n(&cache->end, cache->frames + count, __ATOMIC_RELAXED);
	atomic_signal_fence(memory_order_seq_cst);
}

/* Puts the new frames, from `fresh` up to the end of the array, on top of the first `base`
 * remembered ones. `last_zero`: the walk ended because the outermost return address was zero. */
static inline void push(
	struct walk_cache *cache, uint32_t base, const struct new_frame *fresh, bool last_zero)
{
	const struct new_frame *end = (const struct new_frame *)(cache->frames + cache->capacity);
	struct cached_frame *frame = cache->frames + base;
	const struct cached_frame *outer = base ? frame - 1 : NULL;
	struct slot_check *check = cache->checks + (outer ? outer->checks : 1);
	uint64_t hash = outer ? outer->hash : stacks_seed(cache->flags);
	uint32_t cut = outer ? outer->cut : 0;
	uintptr_t outer_address = outer ? outer->key & STEP_KEY_ADDRESS : 0;
	uintptr_t outer_bp = outer ? outer->bp : 0;
	bool needs_bp = outer && outer->needs_bp;

	/* What lies above `base` is about to be overwritten. */
	keep_only(cache, base);
	/* The one found last, the outermost, lies first. Each is read before anything is written
	 * over it: the remembered ones never reach further than those that are still to be read. */
	for (; fresh < end; fresh++, frame++) {
		const struct new_frame found = *fresh;
		unsigned family = STEP_FAMILY(found.step);

		if (likely(outer != NULL) || last_zero)
			*check++ = (struct slot_check){(const uintptr_t *)found.return_slot,
				step_saved_address(found.return_slot, outer_address)};
		if (found.bp_slot && needs_bp)
			*check++ = (struct slot_check){(const uintptr_t *)found.bp_slot, outer_bp};
		/* Checked before the other two, whose places it decides. */
		if (unlikely(found.deref_slot))
			*check++ = (struct slot_check){(const uintptr_t *)found.deref_slot,
				step_dereferenced(found.return_slot)};
		needs_bp = (found.step & (STEP_BASE_FP | STEP_FP_BY_FP)) != 0 ||
			   (!found.bp_slot && needs_bp);
		if (unlikely(family) && !cut)
			cut = (uint32_t)(frame - cache->frames) + 1;
		hash = stacks_mix(hash, found.key);
		frame->sp = found.sp;
		frame->bp = found.bp;
		frame->key = found.key;
		frame->hash = hash;
		frame->identity = identity_of(hash, found.sp, needs_bp ? found.bp : 0);
		frame->node = 0;
		frame->checks = (uint32_t)(check - cache->checks);
		frame->cut = cut;
		frame->family = (uint8_t)family;
		frame->needs_bp = needs_bp;
		outer = frame;
		outer_address = found.key & STEP_KEY_ADDRESS;
		outer_bp = found.bp;
	}
	keep_only(cache, (uint32_t)(frame - cache->frames));
	cache->base = base;
}

/* Is this frame, reached with these registers, the remembered one? */
static inline bool meets(
	const struct cached_frame *frame, uint64_t address, uintptr_t sp, uintptr_t bp)
{
	return frame->sp == sp && (frame->key & STEP_KEY_ADDRESS) == address &&
	       (!frame->needs_bp || frame->bp == bp);
}

/* What the remembered frames amount to. */
static inline enum walk_result result_of(
	const struct walk_cache *cache, struct trace *t, uint64_t *ret_hash)
{
	uint32_t count = cache->count;
	const struct cached_frame *last = &cache->frames[count - 1];

	t->family = 0;
	t->flags = cache->flags;
	t->through_signal = false;
	if (unlikely(last->cut)) {
		t->family = cache->frames[last->cut - 1].family;
		count = last->cut - 1;
		last = &cache->frames[count - 1];
	}
	t->count = count;
	*ret_hash = likely(count) ? last->hash : stacks_seed(cache->flags);
	return WALK_DONE;
}

enum walk_result walk_cached(struct walk_cache *cache, const struct frame_start *at,
	uintptr_t stack_high, struct trace *t, uint64_t *ret_hash)
{
	const struct step_table *table = atomic_load_explicit(&steps_table, memory_order_acquire);
	const struct cached_frame *frames = cache->frames, *known = frames + cache->count;
	struct new_frame *frame = (struct new_frame *)(cache->frames + cache->capacity);
	uintptr_t sp = at->sp, bp = at->bp, cfa, slot, high = walk_end_of(at->sp, stack_high);
	uint64_t address = at->ip, step;

	if (unlikely(cache->unloads != modules_unloads())) {
		cache->unloads = modules_unloads();
		walk_forget(cache);
		known = frames;
	}
	for (;;) {
		while (known > frames && known[-1].sp < sp)
			known--;
		if (known > frames && meets(&known[-1], address, sp, bp)) {
			const struct slot_check *difference =
				walk_difference(cache->checks + known[-1].checks);

			if (likely(difference == cache->checks)) {
				push(cache, (uint32_t)(known - frames), frame, false);
				break;
			}
			/* Frames further out than the slot that differs may be met again. */
			do
				known--;
			while (known > frames && cache->checks + known[-1].checks > difference);
		}
		if (unlikely((const struct cached_frame *)frame <= frames + cache->count + 1)) {
			if ((const struct cached_frame *)frame <= known + 1) {
				walk_forget(cache);
				return WALK_DEEPER;
			}
			/* The new frame takes the place of a remembered one that is not needed. */
			keep_only(cache, (uint32_t)(known - frames));
		}
		frame--;
		step = walk_step(&table, address, &frame->key);
		frame->sp = sp;
		frame->bp = bp;
		frame->step = step;
		frame->return_slot = frame->bp_slot = frame->deref_slot = 0;
		if (likely(STEP_KIND(step) == STEP_NORMAL)) {
			cfa = (step & STEP_BASE_FP ? bp : sp) + (uintptr_t)STEP_OFFSET(step);
		} else if (STEP_KIND(step) == STEP_END || STEP_KIND(step) == STEP_STOP) {
			cache->flags = STEP_KIND(step) == STEP_STOP ? NODE_PARTIAL : 0;
			push(cache, 0, frame, false);
			break;
		} else {
			cfa = step_odd_cfa(step, address, sp, bp, high, &frame->deref_slot);
		}
		slot = step_return_slot(step, cfa);
		if (unlikely(cfa <= sp || step_is_leaf(step) || !walk_readable(slot, sp, high)))
			goto plain;
		if (step & STEP_FP_SAVED) {
			frame->bp_slot =
				(step & STEP_FP_BY_FP ? bp : cfa) + (uintptr_t)STEP_SLOT(step);
			if (unlikely(!walk_readable(frame->bp_slot, sp, high)))
				goto plain;
			bp = walk_load(frame->bp_slot);
		}
		frame->return_slot = slot;
		address = arch_return_address(walk_load(slot));
		sp = cfa;
		if (unlikely(address == 0)) {
			cache->flags = 0;
			push(cache, 0, frame, true);
			break;
		}
		if (unlikely(!arch_is_code_address(address)))
			goto plain;
	}
	return result_of(cache, t, ret_hash);
plain:
	walk_forget(cache);
	return WALK_PLAIN;
}

void walk_cached_frames(const struct walk_cache *cache, struct trace *t)
{
	for (uint32_t i = 0; i < t->count; i++)
		t->frames[i] = cache->frames[t->count - 1 - i].key;
}

uint32_t walk_cached_site(
	struct walk_cache *cache, const struct trace *t, unsigned family, uint64_t hash)
{
	struct cached_frame *frames = cache->frames;
	uint32_t known = t->count, node = 0;

	while (known > 0 && !frames[known - 1].node)
		known--;
	if (known > 0)
		node = frames[known - 1].node;
	for (uint32_t i = known; i < t->count; i++)
		stacks_expect(frames[i].hash);
	for (uint32_t i = known; i < t->count; i++) {
		node = stacks_child(node, frames[i].key, i == 0 ? t->flags : 0, frames[i].hash);
		if (!node)
			return 0;
		frames[i].node = node;
	}
	return stacks_leaf(node, family, node ? 0 : t->flags, hash);
}

/* The check that never holds: its slot has an address in it, not zero. */
static void set_first(struct slot_check *checks)
{
	checks[0] = (struct slot_check){(const uintptr_t *)&checks[0].slot, 0};
}

SLOW bool walk_more_tips(struct walk_cache *cache)
{
	unsigned bits = cache->tips ? cache->tip_bits + TIPS_STEP_BITS : TIPS_FIRST_BITS;
	struct stack_tip *tips = arena_alloc_dense(sizeof(*tips) << bits);
	struct tip_guesses *guesses = arena_alloc(sizeof(*guesses));

	if (!tips || !guesses)
		return cache->tips != NULL;
	for (uint32_t i = 0; i < 1u << bits; i++)
		set_first(tips[i].check);
	cache->tips = (char *)tips;
	cache->guesses = guesses;
	cache->likely = guesses->likely;
	cache->fork = guesses->fork;
	cache->tip_bits = bits;
	cache->last_tip = 0;
	return true;
}

bool walk_resize(struct walk_cache *cache, uint32_t capacity)
{
	struct cached_frame *frames = arena_alloc(capacity * sizeof(*frames));
	struct slot_check *checks = arena_alloc((1 + 3 * (size_t)capacity) * sizeof(*checks));

	if (!frames || !checks)
		return false;
	set_first(checks);
	/* The tips stand on the old frames. */
	for (uint32_t i = 0; cache->tips && i < 1u << cache->tip_bits; i++)
		((struct stack_tip *)cache->tips)[i].ip = 0;
	/* In this order, whoever jumps out of here leaves an empty cache with room enough. */
	keep_only(cache, 0);
	cache->frames = frames;
	atomic_signal_fence(memory_order_seq_cst);
	cache->checks = checks;
	atomic_signal_fence(memory_order_seq_cst);
	cache->capacity = capacity;
	keep_only(cache, 0);
	return true;
}

/* What tells a stack that left the likely tip from others that did: the first check that does not
 * hold, and what is there instead. */
static uint64_t fork_of(const struct walk_cache *cache, uint32_t offset,
	const struct frame_start *at, unsigned family)
{
	const struct stack_tip *tip = (const struct stack_tip *)(cache->tips + offset);
	const struct slot_check *check;
	uint64_t place;

	if (!walk_tip_begins(tip, at, family))
		return at->ip ^ at->sp << 20 ^ at->bp << 7;
	check = walk_difference(tip->checks_end);
	place = (uint64_t)(check - tip->check);
	if (place == 0) {
		if (tip->base >= cache->end)
			return offset;
		if (tip->base->identity != tip->base_identity)
			return offset ^ tip->base->identity;
		check = walk_difference(tip->base_checks_end);
		if (check == cache->checks)
			return offset;
		place = (uint64_t)(check - cache->checks) + TIP_CHECKS;
	}
	return offset ^ place << 48 ^ *check->slot << 8;
}

const struct stack_tip *walk_other_tip(
	struct walk_cache *cache, const struct frame_start *at, unsigned family)
{
	uint32_t *likely = walk_likely(cache, at);
	uint64_t key = stacks_mix(fork_of(cache, *likely, at, family), 0);
	uint32_t *fork = walk_guess(cache->guesses->fork, (uint32_t)key);
	const struct stack_tip *tip = (const struct stack_tip *)(cache->tips + *fork);

	cache->likely = likely;
	cache->fork = fork;
	if (!walk_tip_holds(cache, tip, at, family))
		return NULL;
	*likely = cache->last_tip = *fork;
	return tip;
}

/* Where the tip of a stack belongs: one of two places, the one that has it already if there is one.
 */
static struct stack_tip *place_of(
	struct walk_cache *cache, const struct frame_start *at, const struct image_site *row)
{
	struct stack_tip *pair =
		(struct stack_tip *)cache->tips + (row->hash >> (65 - cache->tip_bits)) * 2;

	if (pair[0].row == row && pair[0].sp == frame_start_place(at))
		return &pair[0];
	if (pair[1].row == row && pair[1].sp == frame_start_place(at))
		return &pair[1];
	return &pair[cache->missed & 1];
}

void walk_keep_tip(struct walk_cache *cache, const struct frame_start *at, const struct trace *t,
	unsigned family, struct image_site *row)
{
	const struct cached_frame *top = &cache->frames[cache->count - 1], *base = top;
	struct stack_tip *tip;
	uint32_t offset, checks, bp_matters = top->needs_bp;

	if (unlikely(++cache->missed == MISSED_MANY << cache->tip_bits) &&
		cache->tip_bits < TIPS_MOST_BITS)
		walk_more_tips(cache);
	if (cache->base > 0 &&
		top->checks - cache->frames[cache->base - 1].checks + bp_matters <= TIP_CHECKS)
		base = &cache->frames[cache->base - 1];
	tip = place_of(cache, at, row);
	offset = (uint32_t)((char *)tip - cache->tips);
	*cache->likely = *cache->fork = offset;
	cache->last_tip = offset;
	checks = top->checks - base->checks;
	/* Whoever jumps out of here leaves an empty tip behind. */
	__atomic_store_n(&tip->ip, 0, __ATOMIC_RELAXED);
	atomic_signal_fence(memory_order_seq_cst);
	tip->sp = frame_start_place(at);
	tip->base = base;
	tip->base_identity = base->identity;
	tip->base_checks_end = cache->checks + base->checks;
	tip->row = row;
	tip->checks_end = tip->check + 1 + checks + bp_matters;
	tip->unloads = cache->unloads;
	tip->family = (uint8_t)family;
	tip->outer = t->family;
	tip->partial = (t->flags & NODE_PARTIAL) != 0;
	tip->odd = tip->partial | (options.verify != 0);
	tip->plain = !tip->odd && !tip->outer;
	for (uint32_t i = 0; i < checks; i++)
		tip->check[1 + i] = cache->checks[base->checks + i];
	if (bp_matters)
		tip->check[1 + checks] = (struct slot_check){frame_start_bp_slot(at), at->bp};
	atomic_signal_fence(memory_order_seq_cst);
	__atomic_store_n(&tip->ip, at->ip, __ATOMIC_RELAXED);
}
