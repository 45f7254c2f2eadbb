/*
 * Our own walker: one step-table row per frame. It needs no frame pointers.
 *
 * What keeps it safe on a stack that it does not know: it reads only what the compiler's own
 * description says a frame owns (its return address and its saved rbp), only upwards, only aligned,
 * and never above the end of the thread's stack when it started on that stack. The first frame
 * without a description ends the walk. It never guesses.
 */
#include "preload/unwind.h"
#include "preload/steps.h"
#include "preload/sys.h"

/* On a stack that is not the thread's own (coroutine, alternate signal stack) no end is known. */
#define FRAME_BYTES_MAX (256ull << 20)

static bool start(bool talk)
{
	(void)talk;
	return true;
}

static uintptr_t load(uintptr_t at)
{
	return *(const uintptr_t *)at;
}

static bool readable(uintptr_t at, uintptr_t sp, uintptr_t high)
{
	return at >= sp && at < high && at - sp < FRAME_BYTES_MAX && at % 8 == 0;
}

/* The end of the stack that `sp` is on, as far as it is known. */
static uintptr_t end_of(uintptr_t sp, uintptr_t stack_high)
{
	return sp < stack_high ? stack_high : UINTPTR_MAX - FRAME_BYTES_MAX;
}

static void walk(const struct frame_start *at, uintptr_t stack_high, struct trace *t)
{
	const struct step_table *table = atomic_load_explicit(&steps_table, memory_order_acquire);
	uintptr_t sp = at->sp, bp = at->bp, cfa, slot, high = end_of(at->sp, stack_high);
	uint64_t address = at->ip, key, step;

	t->count = 0;
	t->flags = 0;
	t->family = 0;
	t->through_signal = false;
	for (;;) {
		step = steps_find(table, address, &key);
		if (unlikely(step == STEP_NONE)) {
			step = steps_learn(address, &key);
			table = atomic_load_explicit(&steps_table, memory_order_acquire);
		}
		if (unlikely(STEP_FAMILY(step)) && !t->through_signal) {
			t->family = STEP_FAMILY(step);
			t->count = 0;
		} else if (likely(t->count < t->capacity)) {
			t->frames[t->count++] = key;
		} else {
			t->flags |= NODE_TRUNCATED;
			return;
		}
		switch (STEP_KIND(step)) {
		case STEP_NORMAL:
			cfa = (step & STEP_BASE_RBP ? bp : sp) + (uintptr_t)STEP_OFFSET(step);
			break;
		case STEP_DEREF:
			slot = (step & STEP_BASE_RBP ? bp : sp) + (uintptr_t)STEP_OFFSET(step);
			if (!readable(slot, sp, high))
				goto partial;
			cfa = load(slot);
			break;
		case STEP_PLT:
			cfa = sp + 8 + ((address & 15) >= (uint64_t)STEP_OFFSET(step) ? 8 : 0);
			break;
		case STEP_SIGNAL:
			if (!readable(sp + ARCH_SIGFRAME_RIP, sp, high))
				goto partial;
			t->through_signal = true;
			bp = load(sp + ARCH_SIGFRAME_RBP);
			address = (load(sp + ARCH_SIGFRAME_RIP) & ~STEP_KEY_EXACT) | STEP_KEY_EXACT;
			sp = load(sp + ARCH_SIGFRAME_RSP);
			high = end_of(sp, stack_high);
			if (sp % 8 || address == STEP_KEY_EXACT)
				goto partial;
			continue;
		case STEP_END:
			return;
		default:
			goto partial;
		}
		if (unlikely(cfa <= sp || !readable(cfa - 8, sp, high)))
			goto partial;
		if (step & STEP_RBP_SAVED) {
			slot = (step & STEP_RBP_BY_RBP ? bp : cfa) + (uintptr_t)STEP_SLOT(step);
			if (unlikely(!readable(slot, sp, high)))
				goto partial;
			bp = load(slot);
		}
		address = load(cfa - 8);
		sp = cfa;
		if (unlikely(address == 0))
			return; /* the ABI's other way to mark the outermost frame */
		if (unlikely(address >> 47))
			goto partial;
	}
partial:
	t->flags |= NODE_PARTIAL;
}

const struct unwinder unwind_cfi = {.name = "cfi", .start = start, .walk = walk};
