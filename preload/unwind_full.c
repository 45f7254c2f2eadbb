/*
 * The complete walker: reads the description of every frame anew and follows all registers. A
 * hundred times slower than unwind_cfi.c, which calls it for the stacks that have a frame which a
 * step cannot express: the loader while it binds a symbol (its CFA is in rbx), assembly.
 *
 * It starts from its own frame, because the hook did not keep all registers of its caller; frames
 * up to the hook are passed over. It reads only the stack that it is on, upwards, as unwind_cfi.c
 * does.
 */
#include "preload/cfi_step.h"
#include "preload/unwind.h"
#include "preload/walk.h"

static bool start(bool talk)
{
	(void)talk;
	return true;
}

/* The end of the stack for a frame at `sp`. */
static uintptr_t limit_of(uintptr_t sp, uintptr_t stack_high)
{
	uintptr_t high = walk_end_of(sp, stack_high);

	return high - sp < FRAME_BYTES_MAX ? high : sp + FRAME_BYTES_MAX;
}

/* The interrupted frame below a signal handler's trampoline. */
static bool interrupted(struct cfi_frame *frame, uintptr_t stack_high)
{
	uintptr_t sp = frame->value[ARCH_DWARF_SP], context = sp + ARCH_SIGFRAME_CONTEXT;

	if (!walk_readable(context + ARCH_CONTEXT_LAST, sp, frame->high))
		return false;
	for (unsigned reg = 0; reg < ARCH_REGISTERS; reg++)
		frame->value[reg] = walk_load(context + arch_context[reg]);
	frame->known = (1ull << ARCH_REGISTERS) - 1;
	sp = frame->value[ARCH_DWARF_SP];
	frame->low = sp - ARCH_RED_ZONE;
	frame->high = limit_of(sp, stack_high);
	return sp % 8 == 0 && arch_is_code_address(frame->value[ARCH_DWARF_PC]);
}

static void walk(const struct frame_start *at, uintptr_t stack_high, struct trace *t)
{
	const struct step_table *table = atomic_load_explicit(&steps_table, memory_order_acquire);
	struct cfi_frame frame = {.known = 0};
	struct loaded object;
	bool begun = false, exact = true;
	unsigned empty = 0;
	uint64_t address, key, step;

	frame.known = arch_registers_here(frame.value);
	frame.low = frame.value[ARCH_DWARF_SP];
	frame.high = limit_of(frame.low, stack_high);
	t->count = 0;
	t->flags = 0;
	t->family = 0;
	t->through_signal = false;
	for (;;) {
		uintptr_t sp = frame.value[ARCH_DWARF_SP];
		enum step_kind kind;

		address = frame.value[ARCH_DWARF_PC];
		begun |= address == at->ip && sp == at->sp;
		address |= exact ? STEP_KEY_EXACT : 0;
		step = begun ? walk_step(&table, address, &key) : 0;
		if (STEP_FAMILY(step) && !t->through_signal) {
			t->family = STEP_FAMILY(step);
			t->count = 0;
		} else if (begun && t->count == t->capacity) {
			t->flags |= NODE_TRUNCATED;
			return;
		} else if (begun) {
			t->frames[t->count++] = key;
		}
		/* The loader's entry point has no description (steps.c). */
		if (STEP_KIND(step) == STEP_END)
			return;
		if (modules_find(frame.value[ARCH_DWARF_PC] - !exact, &object))
			kind = cfi_step(&frame, exact, &object);
		else if (STEP_KIND(step) == STEP_SIGNAL)
			kind = STEP_SIGNAL;
		else
			break;
		exact = false;
		if (kind == STEP_SIGNAL && begun) {
			if (!interrupted(&frame, stack_high))
				break;
			exact = t->through_signal = true;
			continue;
		}
		if (kind == STEP_END)
			return;
		if (kind != STEP_NORMAL)
			break;
		if (frame.value[ARCH_DWARF_PC] == 0)
			return;
		/* Upwards, and not out of what there is of the stack. A frame may have nothing on
		 * it (longjmp, when it has changed the stack; a return address in a register), but
		 * not one after the other. */
		if (frame.value[ARCH_DWARF_SP] < sp || frame.value[ARCH_DWARF_SP] > frame.high ||
			frame.value[ARCH_DWARF_SP] % 8 ||
			!arch_is_code_address(frame.value[ARCH_DWARF_PC]))
			break;
		empty = frame.value[ARCH_DWARF_SP] == sp ? empty + 1 : 0;
		if (empty > 2)
			break;
		frame.low = frame.value[ARCH_DWARF_SP];
		frame.high = limit_of(frame.low, stack_high);
	}
	t->flags |= NODE_PARTIAL;
}

const struct unwinder unwind_full = {.name = "full", .start = start, .walk = walk};
