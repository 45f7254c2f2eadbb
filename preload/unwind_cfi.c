/*
 * Our own walker: one step-table row per frame. It needs no frame pointers.
 *
 * What keeps it safe on a stack that it does not know: it reads only what the compiler's own
 * description says a frame owns (its return address and its saved frame pointer), only upwards,
 * only aligned, and never above the end of the thread's stack when it started on that stack. The
 * first frame without a description ends the walk. It never guesses. A stack with a frame that a
 * step cannot express is walked by unwind_full.c.
 */
#include "preload/unwind.h"
#include "preload/walk.h"

static bool start(bool talk)
{
	(void)talk;
	return true;
}

static void walk(const struct frame_start *at, uintptr_t stack_high, struct trace *t)
{
	const struct step_table *table = atomic_load_explicit(&steps_table, memory_order_acquire);
	uintptr_t sp = at->sp, bp = at->bp, cfa, slot, high = walk_end_of(at->sp, stack_high);
	uintptr_t low = sp, link = 0; /* the register, where a signal came */
	uint64_t address = at->ip, key, step;

	t->count = 0;
	t->flags = 0;
	t->family = 0;
	t->through_signal = false;
	for (;;) {
		step = walk_step(&table, address, &key);
		if (unlikely(STEP_FAMILY(step)) && !t->through_signal) {
			t->family = STEP_FAMILY(step);
			t->count = 0;
		} else if (likely(t->count < t->capacity)) {
			t->frames[t->count++] = key;
		} else {
			t->flags |= NODE_TRUNCATED;
			return;
		}
		if (STEP_KIND(step) == STEP_END)
			return;
		if (STEP_KIND(step) == STEP_SIGNAL) {
			uintptr_t context = sp + ARCH_SIGFRAME_CONTEXT;

			if (!walk_readable(context + ARCH_CONTEXT_LAST, sp, high))
				goto partial;
			t->through_signal = true;
			bp = walk_load(context + arch_context[ARCH_DWARF_FP]);
			link = walk_load(context + arch_context[ARCH_DWARF_RA]);
			address = walk_load(context + arch_context[ARCH_DWARF_PC]) | STEP_KEY_EXACT;
			sp = walk_load(context + arch_context[ARCH_DWARF_SP]);
			low = sp - ARCH_RED_ZONE;
			high = walk_end_of(sp, stack_high);
			if (sp % 8 || address >> IP_MODULE_SHIFT)
				goto partial;
			continue;
		}
		if (unlikely(STEP_KIND(step) == STEP_FULL)) {
			unwind_full.walk(at, stack_high, t);
			return;
		}
		if (likely(STEP_KIND(step) == STEP_NORMAL))
			cfa = (step & STEP_BASE_FP ? bp : sp) + (uintptr_t)STEP_OFFSET(step);
		else
			cfa = step_odd_cfa(step, address, sp, bp, high, &slot);
		if (step_is_leaf(step)) {
			if (unlikely(!link || cfa < sp || cfa >= high))
				goto partial;
			address = arch_return_address(link);
		} else {
			slot = step_return_slot(step, cfa);
			if (unlikely(cfa <= sp || !walk_readable(slot, sp, high)))
				goto partial;
			address = arch_return_address(walk_load(slot));
		}
		if (step & STEP_FP_SAVED) {
			slot = (step & STEP_FP_BY_FP ? bp : cfa) + (uintptr_t)STEP_SLOT(step);
			if (unlikely(!walk_readable(slot, low, high)))
				goto partial;
			bp = walk_load(slot);
		}
		sp = low = cfa;
		link = 0;
		if (unlikely(address == 0))
			return; /* the ABI's other way to mark the outermost frame */
		if (unlikely(!arch_is_code_address(address)))
			goto partial;
	}
partial:
	t->flags |= NODE_PARTIAL;
}

const struct unwinder unwind_cfi = {
	.name = "cfi", .repeatable = true, .start = start, .walk = walk};
