/* The interpreter of rules, see cfi_step.h. */
#include "preload/cfi_step.h"
#include "preload/cfi_row.h"
#include "preload/sys.h"

/* A slot of the stack that the frame is on. */
static bool load(const struct cfi_frame *frame, uintptr_t at, uint64_t *ret)
{
	if (at < frame->low || at >= frame->high || at % 8)
		return false;
	*ret = *(const uint64_t *)at;
	return true;
}

static bool register_value(const struct cfi_frame *frame, uint64_t reg, uint64_t *ret)
{
	if (reg >= ARCH_REGISTERS || !(frame->known >> reg & 1))
		return false;
	*ret = frame->value[reg];
	return true;
}

/* Two values become one. */
static bool is_binary(uint8_t op)
{
	return (op >= 0x1a && op <= 0x1e) || op == 0x21 || op == 0x22 ||
	       (op >= 0x24 && op <= 0x27) || (op >= 0x29 && op <= 0x2e);
}

/* How many values an operation needs. */
static unsigned operands(uint8_t op)
{
	switch (op) {
	case 0x17: /* rot */
		return 3;
	case 0x14: /* over, swap */
	case 0x16:
		return 2;
	case 0x06: /* deref, dup, drop, abs, neg, not, plus_uconst, bra */
	case 0x12:
	case 0x13:
	case 0x19:
	case 0x1f:
	case 0x20:
	case 0x23:
	case 0x28:
		return 1;
	default:
		return is_binary(op) ? 2 : 0;
	}
}

#define STACK_MAX 16

/* Evaluates a DWARF expression (DWARF 5, section 2.5.1), in the frame's registers, on top of
 * `first` where there is one. False on what it does not know. */
static bool evaluate(
	struct cursor c, const struct cfi_frame *frame, const uint64_t *first, uint64_t *ret)
{
	uint64_t stack[STACK_MAX], a, b;
	unsigned used = 0;
	const uint8_t *start = c.at;

	if (first)
		stack[used++] = *first;
	for (unsigned steps = 0; c.at < c.end && !c.bad; steps++) {
		uint8_t op = (uint8_t)cursor_take(&c, 1);
		unsigned needs = operands(op);

		if (used < needs || used + 1 >= STACK_MAX || steps > 1000)
			return false;
		a = needs >= 2 ? stack[used - 2] : 0;
		b = needs >= 1 ? stack[used - 1] : 0;
		if (is_binary(op))
			used--;
		if (op >= 0x30 && op <= 0x4f) { /* lit0 … lit31 */
			stack[used++] = op - 0x30u;
			continue;
		}
		if (op >= 0x70 && op <= 0x8f) { /* breg0 … breg31 */
			int64_t offset = cursor_sleb(&c);

			if (!register_value(frame, op - 0x70u, &stack[used]))
				return false;
			stack[used++] += (uint64_t)offset;
			continue;
		}
		switch (op) {
		case 0x03: /* addr */
		case 0x0e: /* const8u */
		case 0x0f: /* const8s */
			stack[used++] = cursor_take(&c, 8);
			break;
		case 0x06: /* deref */
			if (!load(frame, b, &stack[used - 1]))
				return false;
			break;
		case 0x08: /* const1u, 2u, 4u */
		case 0x0a:
		case 0x0c:
			stack[used++] = cursor_take(&c, 1u << (op - 0x08) / 2);
			break;
		case 0x09: /* const1s */
			stack[used++] = (uint64_t)(int64_t)(int8_t)cursor_take(&c, 1);
			break;
		case 0x0b: /* const2s */
			stack[used++] = (uint64_t)(int64_t)(int16_t)cursor_take(&c, 2);
			break;
		case 0x0d: /* const4s */
			stack[used++] = (uint64_t)(int64_t)(int32_t)cursor_take(&c, 4);
			break;
		case 0x10: /* constu */
			stack[used++] = cursor_uleb(&c);
			break;
		case 0x11: /* consts */
			stack[used++] = (uint64_t)cursor_sleb(&c);
			break;
		case 0x12: /* dup */
			stack[used++] = b;
			break;
		case 0x13: /* drop */
			used--;
			break;
		case 0x14: /* over */
			stack[used++] = a;
			break;
		case 0x15: /* pick */
			b = cursor_take(&c, 1);
			if (b >= used)
				return false;
			stack[used] = stack[used - 1 - b];
			used++;
			break;
		case 0x16: /* swap */
			stack[used - 1] = a;
			stack[used - 2] = b;
			break;
		case 0x17: /* rot */
			stack[used - 1] = a;
			stack[used - 2] = stack[used - 3];
			stack[used - 3] = b;
			break;
		case 0x19: /* abs */
			stack[used - 1] = (int64_t)b < 0 ? -b : b;
			break;
		case 0x1a: /* and */
			stack[used - 1] = a & b;
			break;
		case 0x1b: /* div */
			if (b + 1 <= 1)
				return false;
			stack[used - 1] = (uint64_t)((int64_t)a / (int64_t)b);
			break;
		case 0x1c: /* minus */
			stack[used - 1] = a - b;
			break;
		case 0x1d: /* mod */
			if (b == 0)
				return false;
			stack[used - 1] = a % b;
			break;
		case 0x1e: /* mul */
			stack[used - 1] = a * b;
			break;
		case 0x1f: /* neg */
			stack[used - 1] = -b;
			break;
		case 0x20: /* not */
			stack[used - 1] = ~b;
			break;
		case 0x21: /* or */
			stack[used - 1] = a | b;
			break;
		case 0x22: /* plus */
			stack[used - 1] = a + b;
			break;
		case 0x23: /* plus_uconst */
			stack[used - 1] = b + cursor_uleb(&c);
			break;
		case 0x24: /* shl */
			stack[used - 1] = b < 64 ? a << b : 0;
			break;
		case 0x25: /* shr */
			stack[used - 1] = b < 64 ? a >> b : 0;
			break;
		case 0x26: /* shra */
			/* cppcheck-suppress shiftTooManyBitsSigned */
			stack[used - 1] = (uint64_t)((int64_t)a >> (b < 64 ? b : 63));
			break;
		case 0x27: /* xor */
			stack[used - 1] = a ^ b;
			break;
		case 0x28: /* bra */
		case 0x2f: /* skip */
		{
			int64_t distance = (int16_t)cursor_take(&c, 2);

			used -= op == 0x28;
			if (op == 0x28 && !b)
				break;
			if (distance < start - c.at || distance > c.end - c.at)
				return false;
			c.at += distance;
			break;
		}
		case 0x29: /* eq, ge, gt, le, lt, ne */
			stack[used - 1] = a == b;
			break;
		case 0x2a:
			stack[used - 1] = (int64_t)a >= (int64_t)b;
			break;
		case 0x2b:
			stack[used - 1] = (int64_t)a > (int64_t)b;
			break;
		case 0x2c:
			stack[used - 1] = (int64_t)a <= (int64_t)b;
			break;
		case 0x2d:
			stack[used - 1] = (int64_t)a < (int64_t)b;
			break;
		case 0x2e:
			stack[used - 1] = a != b;
			break;
		case 0x92: /* bregx */
			a = cursor_uleb(&c);
			b = (uint64_t)cursor_sleb(&c);
			if (!register_value(frame, a, &stack[used]))
				return false;
			stack[used++] += b;
			break;
		case 0x96: /* nop */
			break;
		default:
			return false;
		}
	}
	if (c.bad || used == 0)
		return false;
	*ret = stack[used - 1];
	return true;
}

/* The caller's value of a register by its rule; false when it has none. */
static bool apply(uint64_t rule, const struct cfi_frame *frame, uint64_t cfa, uint64_t *ret)
{
	switch (RULE_KIND(rule)) {
	case RULE_OFFSET:
		return load(frame, cfa + (uint64_t)RULE_NUMBER(rule), ret);
	case RULE_EXPRESSION:
		return evaluate(cfi_row_expression(rule), frame, &cfa, ret) &&
		       load(frame, *ret, ret);
	case RULE_VAL_OFFSET:
		*ret = cfa + (uint64_t)RULE_NUMBER(rule);
		return true;
	case RULE_VAL_EXPRESSION:
		return evaluate(cfi_row_expression(rule), frame, &cfa, ret);
	case RULE_REGISTER:
		return register_value(frame, (uint64_t)RULE_NUMBER(rule), ret);
	default:
		return false;
	}
}

static bool find_cfa(const struct cfi_row *row, const struct cfi_frame *frame, uint64_t *ret)
{
	if (RULE_KIND(row->cfa) == RULE_VAL_EXPRESSION)
		return evaluate(cfi_row_cfa_expression(row->cfa), frame, NULL, ret);
	if (!register_value(frame, CFA_REGISTER(row->cfa), ret))
		return false;
	*ret += (uint64_t)CFA_NUMBER(row->cfa);
	return true;
}

SLOW enum step_kind cfi_step(struct cfi_frame *frame, bool exact, const struct loaded *object)
{
	const struct cfi_frame callee = *frame;
	struct cfi_row row;
	enum step_kind kind = cfi_row_find(callee.value[ARCH_DWARF_PC] - !exact, object, &row);
	uint64_t cfa;

	if (kind != STEP_NORMAL)
		return kind;
	if (RULE_KIND(row.rules[CFI_RA]) == RULE_UNDEFINED)
		return STEP_END;
	if (!find_cfa(&row, &callee, &cfa))
		return STEP_FULL;
	for (unsigned reg = 0; reg < ARCH_REGISTERS; reg++) {
		uint64_t rule = cfi_row_rules[reg] == CFI_OTHER ? (uint64_t)RULE_SAME
								: row.rules[cfi_row_rules[reg]];

		if (rule == RULE_SAME && reg == ARCH_DWARF_SP)
			frame->value[reg] = cfa;
		else if (rule == RULE_SAME && (reg != ARCH_DWARF_RA || ARCH_RA_IS_REGISTER))
			continue;
		else if (apply(rule, &callee, cfa, &frame->value[reg]))
			frame->known |= 1ull << reg;
		else
			frame->known &= ~(1ull << reg);
	}
	if (!(frame->known >> ARCH_DWARF_RA & frame->known >> ARCH_DWARF_SP & 1))
		return STEP_FULL;
	frame->value[ARCH_DWARF_PC] = arch_return_address(frame->value[ARCH_DWARF_RA]);
	/* What was in the link register, the call has overwritten. */
	if (ARCH_RA_IS_REGISTER)
		frame->known &= ~(1ull << ARCH_DWARF_RA);
	return STEP_NORMAL;
}
