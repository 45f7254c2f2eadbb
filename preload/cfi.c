/*
 * The compiler from .eh_frame to steps. Runs once per return address, on the slow path of an event,
 * in any thread and in signal handlers: no allocation, no lock, less than a KiB of stack.
 *
 * A step holds what a walk needs and nothing else: the CFA, where the caller's rbp is. Other
 * registers only matter as the base of a CFA. Compilers use rbp (and a saved pointer behind rbp
 * where they realign the stack), so that is what a step can say; assembly uses what it likes. For
 * its sake the same rules can also be interpreted with all registers (cfi_step.c).
 */
#include "preload/cfi.h"
#include "preload/cfi_row.h"

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
		*ret_flags |= STEP_RBP_SAVED;
		return true;
	case RULE_EXPRESSION:
		if (!is_register_offset(cfi_row_expression(rule), false, &reg, ret_slot) ||
			reg != ARCH_DWARF_RBP)
			return false;
		*ret_flags |= STEP_RBP_SAVED | STEP_RBP_BY_RBP;
		return true;
	default:
		return false;
	}
}

static __attribute__((noinline)) uint64_t to_step(const struct cfi_row *row)
{
	uint64_t flags = 0, reg;
	int64_t slot, offset;

	if (RULE_KIND(row->rules[CFI_RA]) == RULE_UNDEFINED)
		return STEP_END;
	if (row->rules[CFI_RA] != RULE(RULE_OFFSET, -8) || row->rules[CFI_RSP] != RULE_SAME ||
		!rbp_slot(row->rules[CFI_RBP], &flags, &slot))
		return STEP_FULL;
	if (RULE_KIND(row->cfa) == RULE_VAL_EXPRESSION) {
		if (is_plt(cfi_row_cfa_expression(row->cfa), &offset))
			return encode(STEP_PLT, flags, slot, offset);
		if (!is_register_offset(cfi_row_cfa_expression(row->cfa), true, &reg, &offset))
			return STEP_FULL;
		if (reg == ARCH_DWARF_RBP)
			flags |= STEP_BASE_RBP;
		else if (reg != ARCH_DWARF_RSP)
			return STEP_FULL;
		return encode(STEP_DEREF, flags, slot, offset);
	}
	if (CFA_REGISTER(row->cfa) == ARCH_DWARF_RBP)
		flags |= STEP_BASE_RBP;
	else if (CFA_REGISTER(row->cfa) != ARCH_DWARF_RSP)
		return STEP_FULL;
	return encode(STEP_NORMAL, flags, slot, CFA_NUMBER(row->cfa));
}

uint64_t cfi_compile(uintptr_t pc, const struct loaded *object)
{
	struct cfi_row row;
	enum step_kind kind = cfi_row_find(pc, object, &row);

	return kind == STEP_NORMAL ? to_step(&row) : kind;
}
