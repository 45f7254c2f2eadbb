/*
 * Walking to the frame that a word is in, see stack_frame.h. As unwind_full.c does, but with
 * nothing learned and no module registered, because it runs in a forked copy, too. Past the
 * trampoline of a signal handler the walk goes on where the signal was taken, if that is on the
 * same stack.
 *
 * A register that a function has saved for its caller is in the function's own frame.
 */
#include "preload/stack_frame.h"
#include "preload/image_format.h"
#include "preload/modules.h"

/* The interrupted frame below a signal handler's trampoline. */
static bool interrupted(struct cfi_frame *frame)
{
	uintptr_t sp = frame->value[ARCH_DWARF_SP];

	if (sp % 8 || sp < frame->low ||
		frame->high - sp < ARCH_SIGFRAME_CONTEXT + ARCH_CONTEXT_LAST + 8)
		return false;
	sp += ARCH_SIGFRAME_CONTEXT;
	for (unsigned reg = 0; reg < ARCH_REGISTERS; reg++)
		frame->value[reg] = *(const uint64_t *)(sp + arch_context[reg]);
	frame->known = (1ull << ARCH_REGISTERS) - 1;
	return true;
}

static uint64_t node_ip(const struct cfi_frame *frame, const struct loaded *object)
{
	return frame->value[ARCH_DWARF_PC] | (uint64_t)object->number << IP_MODULE_SHIFT;
}

bool stack_frame_find(
	struct cfi_frame *frame, uintptr_t word, uint32_t *frames_left, struct stack_frame *ret)
{
	bool exact = true;
	unsigned empty = 0;

	while (*frames_left) {
		uintptr_t sp = frame->value[ARCH_DWARF_SP];
		struct loaded object;
		enum step_kind kind;

		--*frames_left;
		if (sp < frame->low || sp >= frame->high ||
			!arch_is_code_address(frame->value[ARCH_DWARF_PC]) ||
			!modules_find_known(frame->value[ARCH_DWARF_PC] - !exact, &object))
			return false;
		*ret = (struct stack_frame){node_ip(frame, &object), exact};
		kind = cfi_step(frame, exact, &object);
		exact = kind == STEP_SIGNAL;
		if (kind == STEP_SIGNAL ? !interrupted(frame) : kind != STEP_NORMAL)
			return false;
		if (word < frame->value[ARCH_DWARF_SP])
			return true;
		/* A frame may have nothing on the stack, but not one after the other. */
		empty = frame->value[ARCH_DWARF_SP] == sp ? empty + 1 : 0;
		if (frame->value[ARCH_DWARF_SP] < sp || frame->value[ARCH_DWARF_PC] == 0 ||
			empty > 2)
			return false;
		frame->low = frame->value[ARCH_DWARF_SP] - (exact ? ARCH_RED_ZONE : 0);
	}
	return false;
}
