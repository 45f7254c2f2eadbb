/*
 * Unwind descriptions (preload/cfi*.c): the input is a loaded object that begins with its
 * .eh_frame_hdr; the address that is asked for, the registers and the stack come first. Its
 * sanitized memory begins and ends where the object does, so whatever is read outside is seen.
 */
#include "fuzz.h"

#include "preload/cfi_step.h"

#include <stdlib.h>
#include <string.h>

#define STACK_WORDS 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = input_of(data, size);
	uint64_t stack[STACK_WORDS] = {0};
	struct cfi_frame frame = {.low = (uintptr_t)stack, .high = (uintptr_t)(stack + STACK_WORDS)};
	unsigned flags = (unsigned)input_number(&input, 1);
	uint64_t at = input_number(&input, 2);

	for (unsigned i = 0; i < ARCH_DWARF_PC; i++) {
		uint64_t value = input_number(&input, 1);
		/* Addresses of the stack, mostly. */
		frame.value[i] = value < 0x80 ? (uintptr_t)(stack + value % STACK_WORDS) : value << 40;
	}
	frame.known = (uint32_t)input_number(&input, 2) | 1ull << ARCH_DWARF_PC | 1ull << ARCH_DWARF_SP;
	for (unsigned i = 0; i < 4; i++)
		stack[i * 4] = input_number(&input, 2);

	uint8_t *bytes = input_rest(&input, &size);
	struct loaded object = {
		.start = (uintptr_t)bytes, .end = (uintptr_t)bytes + size, .eh_frame_hdr = bytes};
	uintptr_t pc = object.start + at;
	/* Where no description is found, the code at the address is looked at: it has to be there. */
	if (size >= 32 && at < size - 16) {
		uint64_t step = cfi_compile(pc, &object);
		PROMISE(STEP_KIND(step) != STEP_NONE);
		frame.value[ARCH_DWARF_PC] = pc;
		enum step_kind kind = cfi_step(&frame, flags & 1, &object);
		PROMISE(kind != STEP_NONE && kind != STEP_PLT && kind != STEP_DEREF);
	}
	free(bytes);
	return 0;
}
