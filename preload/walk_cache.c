/* The walker that remembers, see walk_cache.h. */
#include "preload/walk_cache.h"
#include "preload/walk.h"

static inline uint32_t add_check(
	struct walk_cache *cache, uint32_t count, uintptr_t slot, uintptr_t value)
{
	cache->checks[count] = (struct slot_check){(const uintptr_t *)slot, value};
	return count + 1;
}

/* Puts the new frames, which wait at [fresh, capacity), on top of the first `base` remembered ones.
 * `last_zero`: the walk ended because the outermost return address was zero. */
static inline void push(struct walk_cache *cache, uint32_t base, uint32_t fresh, bool last_zero)
{
	struct cached_frame *frames = cache->frames;
	uint32_t count = base;

	/* What lies above `base` is about to be overwritten. */
	__atomic_store_n(&cache->count, base, __ATOMIC_RELAXED);
	atomic_signal_fence(memory_order_seq_cst);
	for (uint32_t i = fresh; i < cache->capacity; i++, count++) {
		struct cached_frame *frame = &frames[count];
		const struct cached_frame *outer = count ? frame - 1 : NULL;
		uintptr_t return_slot = frames[i].hash;
		uint32_t checks = outer ? outer->checks : 0;
		bool outer_needs_bp = outer && outer->needs_bp;

		*frame = frames[i];
		if (outer)
			checks = add_check(
				cache, checks, return_slot, outer->key & STEP_KEY_ADDRESS);
		else if (last_zero)
			checks = add_check(cache, checks, return_slot, 0);
		if (frame->bp_slot && outer_needs_bp)
			checks = add_check(cache, checks, frame->bp_slot, outer->bp);
		/* Checked before the other two, whose places it decides. */
		if (frame->deref_slot)
			checks = add_check(cache, checks, frame->deref_slot, return_slot + 8);
		frame->checks = checks;
		frame->needs_bp = (frame->step & (STEP_BASE_RBP | STEP_RBP_BY_RBP)) != 0 ||
				  (!frame->bp_slot && outer_needs_bp);
		frame->cut = outer && outer->cut        ? outer->cut
			     : STEP_FAMILY(frame->step) ? count + 1
							: 0;
		frame->hash =
			stacks_mix(outer ? outer->hash : stacks_seed(cache->flags), frame->key);
	}
	atomic_signal_fence(memory_order_seq_cst);
	__atomic_store_n(&cache->count, count, __ATOMIC_RELAXED);
}

enum walk_result walk_cached_new(struct walk_cache *cache, const struct frame_start *at,
	uintptr_t stack_high, struct trace *t, uint64_t *ret_hash)
{
	const struct step_table *table = atomic_load_explicit(&steps_table, memory_order_acquire);
	struct cached_frame *frames = cache->frames;
	uintptr_t sp = at->sp, bp = at->bp, cfa, high = walk_end_of(at->sp, stack_high);
	uint64_t address = at->ip, step;
	uint32_t known = cache->count, fresh = cache->capacity, flags = 0, difference;

	if (unlikely(cache->unloads != modules_unloads())) {
		cache->unloads = modules_unloads();
		cache->count = known = 0;
	}
	for (;;) {
		while (known > 0 && frames[known - 1].sp < sp)
			known--;
		if (known > 0 && walk_meets(&frames[known - 1], address, sp, bp)) {
			difference = walk_first_difference(cache->checks, frames[known - 1].checks);
			if (likely(!difference)) {
				push(cache, known, fresh, false);
				break;
			}
			/* Frames further out than the slot that differs may be met again. */
			do
				known--;
			while (known > 0 && frames[known - 1].checks >= difference);
		}
		if (unlikely(fresh <= known + 1)) {
			cache->count = 0;
			return WALK_DEEPER;
		}
		struct cached_frame *frame = &frames[--fresh];

		step = walk_step(&table, address, &frame->key);
		frame->sp = sp;
		frame->bp = bp;
		frame->hash = 0;
		frame->bp_slot = frame->deref_slot = 0;
		frame->step = (uint32_t)step;
		if (likely(STEP_KIND(step) == STEP_NORMAL)) {
			cfa = (step & STEP_BASE_RBP ? bp : sp) + (uintptr_t)STEP_OFFSET(step);
		} else if (STEP_KIND(step) == STEP_END || STEP_KIND(step) == STEP_STOP) {
			flags = STEP_KIND(step) == STEP_STOP ? NODE_PARTIAL : 0;
			goto outermost;
		} else {
			cfa = walk_odd_cfa(step, address, sp, bp, high, &frame->deref_slot);
		}
		if (unlikely(cfa <= sp || !walk_readable(cfa - 8, sp, high)))
			goto plain;
		if (step & STEP_RBP_SAVED) {
			frame->bp_slot =
				(step & STEP_RBP_BY_RBP ? bp : cfa) + (uintptr_t)STEP_SLOT(step);
			if (unlikely(!walk_readable(frame->bp_slot, sp, high)))
				goto plain;
			bp = walk_load(frame->bp_slot);
		}
		frame->hash = cfa - 8;
		address = walk_load(cfa - 8);
		sp = cfa;
		if (unlikely(address == 0))
			goto outermost;
		if (unlikely(address >> 47))
			goto plain;
		continue;
	outermost:
		cache->flags = flags;
		push(cache, 0, fresh, frame->hash != 0);
		break;
	}
	return walk_result_of(cache, t, ret_hash);
plain:
	cache->count = 0;
	return WALK_PLAIN;
}

void walk_cached_frames(const struct walk_cache *cache, struct trace *t)
{
	for (uint32_t i = 0; i < t->count; i++)
		t->frames[i] = cache->frames[t->count - 1 - i].key;
}
