/*
 * From rules to a step of x86-64, see cfi.c. Compilers use rbp as the base of a CFA, and a saved
 * pointer behind rbp where they realign the stack; the linker's PLT has an expression of its own.
 */
#include "preload/cfi_row.h"

/* Those that no call preserves are not followed. */
const uint8_t cfi_row_rules[ARCH_REGISTERS] = {[0 ... 2] = CFI_OTHER,
	[4 ... 5] = CFI_OTHER,
	[8 ... 11] = CFI_OTHER,
	[ARCH_DWARF_RBX] = CFI_RBX,
	[ARCH_DWARF_FP] = CFI_FP,
	[ARCH_DWARF_SP] = CFI_SP,
	[ARCH_DWARF_R12] = CFI_R12,
	[ARCH_DWARF_R13] = CFI_R13,
	[ARCH_DWARF_R14] = CFI_R14,
	[ARCH_DWARF_R15] = CFI_R15,
	[ARCH_DWARF_RA] = CFI_RA};

/* DW_OP_bregN, sleb offset; then, with `deref`, DW_OP_deref; nothing more. */
static bool is_register_offset(
	struct cursor c, bool deref, uint64_t *ret_register, int64_t *ret_offset)
{
	uint8_t op = (uint8_t)cursor_take(&c, 1);

	if (op < 0x70 || op > 0x8f)
		return false;
	*ret_register = op - 0x70u;
	*ret_offset = cursor_sleb(&c);
	if (deref && cursor_take(&c, 1) != 0x06)
		return false;
	return !c.bad && c.at == c.end;
}

/* The linker's PLT entries (binutils, bfd/elfxx-x86.c: elf_x86_64_eh_frame_plt):
 * breg7 8; breg16 0; lit15; and; lit11; ge; lit3; shl; plus, and with lit10 or lit9 in newer forms.
 */
static bool is_plt(struct cursor c, int64_t *ret_threshold)
{
	static const uint8_t head[] = {0x77, 8, 0x80, 0, 0x3f, 0x1a};
	static const uint8_t tail[] = {0x2a, 0x33, 0x24, 0x22};

	if (c.end - c.at != (ptrdiff_t)(sizeof(head) + 1 + sizeof(tail)))
		return false;
	if (__builtin_memcmp(c.at, head, sizeof(head)) != 0 ||
		__builtin_memcmp(c.at + sizeof(head) + 1, tail, sizeof(tail)) != 0)
		return false;
	uint8_t literal = c.at[sizeof(head)];

	if (literal < 0x30 || literal > 0x4f)
		return false;
	*ret_threshold = literal - 0x30;
	return true;
}

static uint64_t encode(enum step_kind kind, uint64_t flags, int64_t slot, int64_t offset)
{
	if (slot % 8 || slot / 8 != (int16_t)(slot / 8) || offset != (int32_t)offset)
		return STEP_FULL;
	return (uint64_t)kind | flags | (uint64_t)(uint16_t)(slot / 8) << 16 |
	       (uint64_t)(uint32_t)offset << 32;
}

/* The place of the caller's rbp as step bits; false when a step cannot say it. */
static bool rbp_slot(uint64_t rule, uint64_t *ret_flags, int64_t *ret_slot)
{
	uint64_t reg;

	*ret_slot = 0;
	switch (RULE_KIND(rule)) {
	case RULE_SAME:
	case RULE_UNDEFINED:
		return true;
	case RULE_OFFSET:
		*ret_slot = RULE_NUMBER(rule);
		*ret_flags |= STEP_FP_SAVED;
		return true;
	case RULE_EXPRESSION:
		if (!is_register_offset(cfi_row_expression(rule), false, &reg, ret_slot) ||
			reg != ARCH_DWARF_FP)
			return false;
		*ret_flags |= STEP_FP_SAVED | STEP_FP_BY_FP;
		return true;
	default:
		return false;
	}
}

uint64_t step_of_row(const struct cfi_row *row)
{
	uint64_t flags = 0, reg;
	int64_t slot, offset;

	if (RULE_KIND(row->rules[CFI_RA]) == RULE_UNDEFINED)
		return STEP_END;
	if (row->rules[CFI_RA] != RULE(RULE_OFFSET, -8) || row->rules[CFI_SP] != RULE_SAME ||
		!rbp_slot(row->rules[CFI_FP], &flags, &slot))
		return STEP_FULL;
	if (RULE_KIND(row->cfa) == RULE_VAL_EXPRESSION) {
		if (is_plt(cfi_row_cfa_expression(row->cfa), &offset))
			return encode(STEP_PLT, flags, slot, offset);
		if (!is_register_offset(cfi_row_cfa_expression(row->cfa), true, &reg, &offset))
			return STEP_FULL;
		if (reg == ARCH_DWARF_FP)
			flags |= STEP_BASE_FP;
		else if (reg != ARCH_DWARF_SP)
			return STEP_FULL;
		return encode(STEP_DEREF, flags, slot, offset);
	}
	if (CFA_REGISTER(row->cfa) == ARCH_DWARF_FP)
		flags |= STEP_BASE_FP;
	else if (CFA_REGISTER(row->cfa) != ARCH_DWARF_SP)
		return STEP_FULL;
	return encode(STEP_NORMAL, flags, slot, CFA_NUMBER(row->cfa));
}
