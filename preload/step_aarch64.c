/*
 * From rules to a step of AArch64, see cfi.c. The frame record (x29, x30) lies anywhere in a frame:
 * GCC puts it below the variables, Clang above them.
 */
#include "preload/cfi_row.h"

/* Those that no call preserves are not followed, but for the link register. */
const uint8_t cfi_row_rules[ARCH_REGISTERS] = {[0 ... 18] = CFI_OTHER,
	[19] = CFI_X19,
	[20] = CFI_X19 + 1,
	[21] = CFI_X19 + 2,
	[22] = CFI_X19 + 3,
	[23] = CFI_X19 + 4,
	[24] = CFI_X19 + 5,
	[25] = CFI_X19 + 6,
	[26] = CFI_X19 + 7,
	[27] = CFI_X19 + 8,
	[28] = CFI_X28,
	[ARCH_DWARF_FP] = CFI_FP,
	[ARCH_DWARF_RA] = CFI_RA,
	[ARCH_DWARF_SP] = CFI_SP,
	[ARCH_DWARF_PC] = CFI_OTHER};

/* So many eighths, if a field of a step has room for them. */
static bool eighths(int64_t bytes, unsigned shift, uint64_t *step)
{
	if (bytes % 8 || bytes < 0 || bytes / 8 > UINT16_MAX)
		return false;
	*step |= (uint64_t)bytes / 8 << shift;
	return true;
}

/* The slot below the CFA that a register is saved in. */
static bool slot(uint64_t rule, unsigned shift, uint64_t *step)
{
	return RULE_KIND(rule) == RULE_OFFSET && eighths(-RULE_NUMBER(rule), shift, step);
}

uint64_t step_of_row(const struct cfi_row *row)
{
	uint64_t fp = row->rules[CFI_FP], ra = row->rules[CFI_RA], step = STEP_NORMAL;

	if (RULE_KIND(ra) == RULE_UNDEFINED)
		return STEP_END;
	if (row->rules[CFI_SP] != RULE_SAME || RULE_KIND(row->cfa) != RULE_VAL_OFFSET ||
		!eighths(CFA_NUMBER(row->cfa), 48, &step))
		return STEP_FULL;
	if (CFA_REGISTER(row->cfa) == ARCH_DWARF_FP)
		step |= STEP_BASE_FP;
	else if (CFA_REGISTER(row->cfa) != ARCH_DWARF_SP)
		return STEP_FULL;
	if (slot(fp, 16, &step))
		step |= STEP_FP_SAVED;
	else if (fp != RULE_SAME && fp != RULE_UNDEFINED)
		return STEP_FULL;
	if (ra == RULE_SAME)
		return (step & ~7ull) | STEP_LEAF;
	return slot(ra, 32, &step) ? step : STEP_FULL;
}
