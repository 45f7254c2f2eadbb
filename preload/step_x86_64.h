/*
 * The steps of x86-64, see step.h:
 *          bit  5     STEP_FP_BY_FP: the slot of rbp is found from rbp, else from the CFA
 *          bits 16-31 that slot's offset (signed, in 8 bytes)
 *          bits 32-63 the CFA's offset (signed, in bytes)
 * A frame's return address is always right below its CFA.
 */
#ifndef LEAK_STEP_X86_64_H
#define LEAK_STEP_X86_64_H

#define STEP_DEREF STEP_MACHINE   /* CFA = *(base + offset): stacks that were realigned */
#define STEP_PLT STEP_MACHINE_TOO /* CFA = rsp + 8, + 8 past the entry's push: the linker's PLT */

#define STEP_FP_BY_FP (1u << 5)
#define STEP_SLOT(step) ((int64_t)(int16_t)((step) >> 16) * 8)
#define STEP_OFFSET(step) ((int64_t)(int32_t)((step) >> 32))

/* The registers that a description may give rules for, as far as they are followed. */
enum cfi_rule {
	CFI_RBX,
	CFI_FP,
	CFI_SP,
	CFI_R12,
	CFI_R13,
	CFI_R14,
	CFI_R15,
	CFI_RA,
	CFI_RULES,
	CFI_OTHER = CFI_RULES, /* not followed: taken to be unchanged */
};

/* What the return address's rule is before a description says anything. */
#define CFI_RA_AT_FIRST RULE_OTHER

/* Where a frame has its return address. */
static inline uintptr_t step_return_slot(uint64_t step, uintptr_t cfa)
{
	(void)step;
	return cfa - 8;
}

/* What that slot holds when it holds this address. */
static inline uintptr_t step_saved_address(uintptr_t slot, uintptr_t address)
{
	(void)slot;
	return address;
}

/* The CFA that was read from memory by STEP_DEREF, told from the slot of the return address. */
static inline uintptr_t step_dereferenced(uintptr_t return_slot)
{
	return return_slot + 8;
}

/* Is the return address still in the register that a call puts it into? */
static inline bool step_is_leaf(uint64_t step)
{
	(void)step;
	return false;
}

/* The canonical frame address of a frame that is not STEP_NORMAL; 0 where it has none that may be
 * read. *ret_slot gets the slot that it was read from, if any. */
static inline uintptr_t step_odd_cfa(uint64_t step, uint64_t address, uintptr_t sp, uintptr_t bp,
	uintptr_t high, uintptr_t *ret_slot)
{
	uintptr_t slot;

	if (STEP_KIND(step) == STEP_PLT)
		return sp + 8 + ((address & 15) >= (uint64_t)STEP_OFFSET(step) ? 8 : 0);
	if (STEP_KIND(step) != STEP_DEREF)
		return 0;
	slot = (step & STEP_BASE_FP ? bp : sp) + (uintptr_t)STEP_OFFSET(step);
	if (!walk_readable(slot, sp, high))
		return 0;
	*ret_slot = slot;
	return walk_load(slot);
}

#endif
