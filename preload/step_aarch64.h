/*
 * The steps of AArch64, see step.h:
 *          bits 16-31 the slot of x29, below the CFA (in 8 bytes)
 *          bits 32-47 the slot of the return address, likewise
 *          bits 48-63 the CFA's offset (in 8 bytes)
 * Frames of half a MiB and more are for unwind_full.c. A step has no form for stacks that were
 * realigned: compilers keep the frame pointer there, and describe the CFA by it.
 */
#ifndef LEAK_STEP_AARCH64_H
#define LEAK_STEP_AARCH64_H

#define STEP_LEAF STEP_MACHINE /* the return address is in x30: only where a signal came */

#define STEP_FP_BY_FP 0u
#define STEP_SLOT(step) (-(int64_t)((step) >> 16 & 0xffff) * 8)
#define STEP_RETURN_SLOT(step) (-(int64_t)((step) >> 32 & 0xffff) * 8)
#define STEP_OFFSET(step) ((int64_t)((step) >> 48) * 8)

enum cfi_rule {
	CFI_X19,
	CFI_X28 = CFI_X19 + 9,
	CFI_FP,
	CFI_RA,
	CFI_SP,
	CFI_RULES,
	CFI_OTHER = CFI_RULES,
};

#define CFI_RA_AT_FIRST RULE_SAME

static inline uintptr_t step_return_slot(uint64_t step, uintptr_t cfa)
{
	return cfa + (uintptr_t)STEP_RETURN_SLOT(step);
}

/* With its signature, which only the slot knows. */
static inline uintptr_t step_saved_address(uintptr_t slot, uintptr_t address)
{
	(void)address;
	return walk_load(slot);
}

/* No step of this machine reads a CFA. */
static inline uintptr_t step_dereferenced(uintptr_t return_slot)
{
	(void)return_slot;
	return 0;
}

static inline bool step_is_leaf(uint64_t step)
{
	return STEP_KIND(step) == STEP_LEAF;
}

static inline uintptr_t step_odd_cfa(uint64_t step, uint64_t address, uintptr_t sp, uintptr_t bp,
	uintptr_t high, uintptr_t *ret_slot)
{
	(void)address;
	(void)high;
	(void)ret_slot;
	return step_is_leaf(step) ? (step & STEP_BASE_FP ? bp : sp) + (uintptr_t)STEP_OFFSET(step)
				  : 0;
}

#endif
