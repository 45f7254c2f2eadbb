/*
 * The compiler from .eh_frame to steps. Runs once per return address, on the slow path of an event,
 * in any thread and in signal handlers: no allocation, no lock, a few hundred bytes of stack.
 *
 * It keeps track of what a walk needs and nothing else: the CFA, where the caller's rbp is, where
 * the return address is. Other registers only matter as the base of a CFA, which compilers do with
 * rbp (and with a saved pointer behind rbp where they realign the stack).
 */
#include <elf.h>
#include <stdbool.h>
#include <stddef.h>

#include "preload/cfi.h"
#include "preload/arch_x86_64.h"

/* A cursor over unwind data; running over the end sets `bad` and yields zeros. */
struct cursor {
	const uint8_t *at, *end;
	bool bad;
};

static uint64_t take(struct cursor *c, unsigned bytes)
{
	uint64_t value = 0;

	if ((size_t)(c->end - c->at) < bytes) {
		c->bad = true;
		return 0;
	}
	__builtin_memcpy(&value, c->at, bytes);
	c->at += bytes;
	return value;
}

static uint64_t take_uleb(struct cursor *c)
{
	uint64_t value = 0;
	unsigned shift = 0;

	for (;;) {
		uint64_t byte = take(c, 1);

		if (shift < 64)
			value |= (byte & 0x7f) << shift;
		shift += 7;
		if (c->bad || !(byte & 0x80))
			return value;
	}
}

static int64_t take_sleb(struct cursor *c)
{
	uint64_t value = 0, byte;
	unsigned shift = 0;

	do {
		byte = take(c, 1);
		if (shift < 64)
			value |= (byte & 0x7f) << shift;
		shift += 7;
	} while (!c->bad && (byte & 0x80));
	if (shift < 64 && (byte & 0x40))
		value |= ~0ull << shift;
	return (int64_t)value;
}

/* Pointer encodings (LSB, "DWARF exception header encoding"). */
#define ENC_OMIT 0xff
#define ENC_FORMAT 0x0f
#define ENC_BASE 0x70
#define ENC_PCREL 0x10
#define ENC_DATAREL 0x30
#define ENC_INDIRECT 0x80

static uint64_t take_encoded(struct cursor *c, uint8_t encoding, uintptr_t data_base)
{
	uintptr_t here = (uintptr_t)c->at;
	uint64_t value;

	switch (encoding & ENC_FORMAT) {
	case 0x00: /* absptr */
	case 0x04: /* udata8 */
	case 0x0c: /* sdata8 */
		value = take(c, 8);
		break;
	case 0x01:
		value = take_uleb(c);
		break;
	case 0x02:
		value = take(c, 2);
		break;
	case 0x03:
		value = take(c, 4);
		break;
	case 0x09:
		value = (uint64_t)take_sleb(c);
		break;
	case 0x0a:
		value = (uint64_t)(int64_t)(int16_t)take(c, 2);
		break;
	case 0x0b:
		value = (uint64_t)(int64_t)(int32_t)take(c, 4);
		break;
	default:
		c->bad = true;
		return 0;
	}
	if ((encoding & ENC_BASE) == ENC_PCREL)
		value += here;
	else if ((encoding & ENC_BASE) == ENC_DATAREL)
		value += data_base;
	else if (encoding & ENC_BASE)
		c->bad = true;
	if (encoding & ENC_INDIRECT)
		c->bad = true; /* only personalities use it, and we skip those */
	return value;
}

/* The common part of several functions' descriptions, and one function's. */
struct frame_info {
	struct cursor initial; /* instructions of the CIE */
	struct cursor program; /* instructions of the FDE */
	uintptr_t start, end;  /* the function */
	uint64_t code_align;
	int64_t data_align;
	uint8_t pointer_encoding;
	bool has_augmentation;
	bool signal; /* a signal trampoline: 'S' */
};

static bool parse_cie(const uint8_t *at, const struct loaded *object, struct frame_info *ret)
{
	struct cursor c = {at, (const uint8_t *)object->end, false};
	uint32_t length = (uint32_t)take(&c, 4);
	const char *augmentation;
	uint64_t ra;

	if (c.bad || length == 0xffffffff || length > (size_t)(c.end - c.at))
		return false;
	c.end = c.at + length;
	if (take(&c, 4) != 0) /* a CIE's id */
		return false;
	uint64_t version = take(&c, 1);

	augmentation = (const char *)c.at;
	while (!c.bad && take(&c, 1))
		;
	if (c.bad || (version != 1 && version != 3))
		return false;
	ret->code_align = take_uleb(&c);
	ret->data_align = take_sleb(&c);
	ra = version == 1 ? take(&c, 1) : take_uleb(&c);
	ret->pointer_encoding = 0;
	ret->has_augmentation = augmentation[0] == 'z';
	ret->signal = false;
	if (ret->has_augmentation) {
		uint64_t size = take_uleb(&c);
		const uint8_t *after = c.at + size;

		if (c.bad || size > (size_t)(c.end - c.at))
			return false;
		for (const char *a = augmentation + 1; *a; a++) {
			if (*a == 'R') {
				ret->pointer_encoding = (uint8_t)take(&c, 1);
			} else if (*a == 'P') {
				uint8_t encoding = (uint8_t)take(&c, 1);

				take_encoded(&c, encoding & ENC_FORMAT, 0);
			} else if (*a == 'L') {
				take(&c, 1);
			} else if (*a == 'S') {
				ret->signal = true;
			} else if (*a != 'B') {
				break;
			}
		}
		c.at = after;
	} else if (augmentation[0]) {
		return false; /* something we cannot skip */
	}
	ret->initial = c;
	return !c.bad && ra == ARCH_DWARF_RA;
}

static bool parse_fde(const uint8_t *at, const struct loaded *object, struct frame_info *ret)
{
	struct cursor c = {at, (const uint8_t *)object->end, false};
	uint32_t length = (uint32_t)take(&c, 4);
	const uint8_t *cie_field = c.at;
	uint64_t back;

	if (c.bad || length == 0xffffffff || length > (size_t)(c.end - c.at))
		return false;
	c.end = c.at + length;
	back = take(&c, 4);
	if (c.bad || back == 0 || back > (uintptr_t)cie_field - object->start)
		return false;
	if (!parse_cie(cie_field - back, object, ret))
		return false;
	ret->start = take_encoded(&c, ret->pointer_encoding, 0);
	ret->end = ret->start + take_encoded(&c, ret->pointer_encoding & ENC_FORMAT, 0);
	if (ret->has_augmentation) {
		uint64_t size = take_uleb(&c);

		if (c.bad || size > (size_t)(c.end - c.at))
			return false;
		c.at += size;
	}
	ret->program = c;
	return !c.bad;
}

/* Finds the FDE through the sorted table of .eh_frame_hdr. */
static bool find_fde(uintptr_t pc, const struct loaded *object, struct frame_info *ret)
{
	const uint8_t *hdr = object->eh_frame_hdr;
	struct cursor c = {hdr, (const uint8_t *)object->end, false};
	uint64_t count;
	const struct {
		int32_t start, fde;
	} * table;

	if (!hdr || take(&c, 1) != 1)
		return false;
	uint8_t frame_encoding = (uint8_t)take(&c, 1);
	uint8_t count_encoding = (uint8_t)take(&c, 1);
	uint8_t table_encoding = (uint8_t)take(&c, 1);

	if (count_encoding == ENC_OMIT || table_encoding != (ENC_DATAREL | 0x0b))
		return false;
	take_encoded(&c, frame_encoding, (uintptr_t)hdr);
	count = take_encoded(&c, count_encoding, (uintptr_t)hdr);
	if (c.bad || count == 0 || count > (size_t)(c.end - c.at) / sizeof(*table))
		return false;
	table = (const void *)c.at;

	int64_t target = (int64_t)(pc - (uintptr_t)hdr);
	size_t low = 0, high = count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (table[middle].start <= target)
			low = middle;
		else
			high = middle;
	}
	if (table[low].start > target)
		return false;
	return parse_fde(hdr + table[low].fde, object, ret) && pc >= ret->start && pc < ret->end;
}

enum rule_kind { RULE_SAME, RULE_OFFSET, RULE_UNDEFINED, RULE_EXPRESSION, RULE_OTHER };

/* Small, because several rows are on the stack of a program's thread at once. */
struct rule {
	uint32_t kind; /* enum rule_kind */
	uint32_t size; /* RULE_EXPRESSION: its bytes */
	union {
		int64_t offset;            /* RULE_OFFSET: from the CFA */
		const uint8_t *expression; /* RULE_EXPRESSION: the address that holds the value */
	};
};

struct row {
	uint64_t cfa_register;
	struct rule cfa; /* RULE_OFFSET from the register, or RULE_EXPRESSION: the CFA itself */
	struct rule rbp, ra;
};

static struct rule rule_plain(enum rule_kind kind)
{
	return (struct rule){.kind = kind};
}

static struct rule rule_offset(int64_t offset)
{
	return (struct rule){.kind = RULE_OFFSET, .offset = offset};
}

static struct rule rule_expression(struct cursor block)
{
	return (struct rule){.kind = RULE_EXPRESSION,
		.size = (uint32_t)(block.end - block.at),
		.expression = block.at};
}

static struct cursor expression_of(const struct rule *rule)
{
	return (struct cursor){rule->expression, rule->expression + rule->size, false};
}

static struct cursor take_block(struct cursor *c)
{
	uint64_t size = take_uleb(c);
	struct cursor block = {c->at, c->at, true};

	if (c->bad || size > (size_t)(c->end - c->at)) {
		c->bad = true;
		return block;
	}
	block.end = c->at + size;
	block.bad = false;
	c->at += size;
	return block;
}

static void set_rule(struct row *row, uint64_t reg, struct rule rule)
{
	if (reg == ARCH_DWARF_RBP)
		row->rbp = rule;
	else if (reg == ARCH_DWARF_RA)
		row->ra = rule;
}

#define REMEMBERED_MAX 4

/* Runs call frame instructions until the row of `pc` is complete. False on anything malformed or
 * not understood. */
static bool run(struct cursor c, const struct frame_info *f, uintptr_t pc, struct row *row,
	const struct row *initial)
{
	struct row remembered[REMEMBERED_MAX];
	unsigned depth = 0;
	uintptr_t location = f->start;

	while (c.at < c.end && !c.bad) {
		uint8_t op = (uint8_t)take(&c, 1), low = op & 0x3f;
		uint64_t reg;

		switch (op & 0xc0) {
		case 0x40: /* DW_CFA_advance_loc */
			location += low * f->code_align;
			if (location > pc)
				return true;
			continue;
		case 0x80: /* DW_CFA_offset */
			set_rule(row, low, rule_offset((int64_t)take_uleb(&c) * f->data_align));
			continue;
		case 0xc0: /* DW_CFA_restore */
			if (low == ARCH_DWARF_RBP)
				row->rbp = initial->rbp;
			else if (low == ARCH_DWARF_RA)
				row->ra = initial->ra;
			continue;
		}
		switch (op) {
		case 0x00: /* nop */
			break;
		case 0x01: /* set_loc */
			location = take_encoded(&c, f->pointer_encoding, 0);
			if (location > pc)
				return !c.bad;
			break;
		case 0x02: /* advance_loc1 */
		case 0x03: /* advance_loc2 */
		case 0x04: /* advance_loc4 */
			location += take(&c, 1u << (op - 2)) * f->code_align;
			if (location > pc)
				return !c.bad;
			break;
		case 0x05: /* offset_extended */
			reg = take_uleb(&c);
			set_rule(row, reg, rule_offset((int64_t)take_uleb(&c) * f->data_align));
			break;
		case 0x06: /* restore_extended */
			reg = take_uleb(&c);
			if (reg == ARCH_DWARF_RBP)
				row->rbp = initial->rbp;
			else if (reg == ARCH_DWARF_RA)
				row->ra = initial->ra;
			break;
		case 0x07: /* undefined */
			set_rule(row, take_uleb(&c), rule_plain(RULE_UNDEFINED));
			break;
		case 0x08: /* same_value */
			set_rule(row, take_uleb(&c), rule_plain(RULE_SAME));
			break;
		case 0x09: /* register */
			reg = take_uleb(&c);
			take_uleb(&c);
			set_rule(row, reg, rule_plain(RULE_OTHER));
			break;
		case 0x0a: /* remember_state */
			if (depth == REMEMBERED_MAX)
				return false;
			remembered[depth++] = *row;
			break;
		case 0x0b: /* restore_state */
			if (depth == 0)
				return false;
			*row = remembered[--depth];
			break;
		case 0x0c: /* def_cfa */
			row->cfa_register = take_uleb(&c);
			row->cfa = rule_offset((int64_t)take_uleb(&c));
			break;
		case 0x0d: /* def_cfa_register */
			row->cfa_register = take_uleb(&c);
			row->cfa.kind = RULE_OFFSET;
			break;
		case 0x0e: /* def_cfa_offset */
			row->cfa.offset = (int64_t)take_uleb(&c);
			break;
		case 0x0f: /* def_cfa_expression */
			row->cfa = rule_expression(take_block(&c));
			break;
		case 0x10: /* expression */
			reg = take_uleb(&c);
			set_rule(row, reg, rule_expression(take_block(&c)));
			break;
		case 0x11: /* offset_extended_sf */
			reg = take_uleb(&c);
			set_rule(row, reg, rule_offset(take_sleb(&c) * f->data_align));
			break;
		case 0x12: /* def_cfa_sf */
			row->cfa_register = take_uleb(&c);
			row->cfa = rule_offset(take_sleb(&c) * f->data_align);
			break;
		case 0x13: /* def_cfa_offset_sf */
			row->cfa.offset = take_sleb(&c) * f->data_align;
			break;
		case 0x14: /* val_offset */
		case 0x15: /* val_offset_sf */
			reg = take_uleb(&c);
			take_uleb(&c);
			set_rule(row, reg, rule_plain(RULE_OTHER));
			break;
		case 0x16: /* val_expression */
			reg = take_uleb(&c);
			take_block(&c);
			set_rule(row, reg, rule_plain(RULE_OTHER));
			break;
		case 0x2e: /* GNU_args_size */
			take_uleb(&c);
			break;
		default:
			return false;
		}
	}
	return !c.bad;
}

/* DW_OP_bregN, sleb offset; then, with `deref`, DW_OP_deref; nothing more. */
static bool is_register_offset(
	struct cursor c, bool deref, uint64_t *ret_register, int64_t *ret_offset)
{
	uint8_t op = (uint8_t)take(&c, 1);

	if (op < 0x70 || op > 0x8f)
		return false;
	*ret_register = op - 0x70u;
	*ret_offset = take_sleb(&c);
	if (deref && take(&c, 1) != 0x06)
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
		return STEP_STOP;
	return (uint64_t)kind | flags | (uint64_t)(uint16_t)(slot / 8) << 16 |
	       (uint64_t)(uint32_t)offset << 32;
}

/* The place of the caller's rbp as step bits; false when a step cannot say it. */
static bool rbp_slot(const struct row *row, uint64_t *ret_flags, int64_t *ret_slot)
{
	uint64_t reg;

	*ret_slot = 0;
	switch (row->rbp.kind) {
	case RULE_SAME:
	case RULE_UNDEFINED:
		return true;
	case RULE_OFFSET:
		*ret_slot = row->rbp.offset;
		*ret_flags |= STEP_RBP_SAVED;
		return true;
	case RULE_EXPRESSION:
		if (!is_register_offset(expression_of(&row->rbp), false, &reg, ret_slot) ||
			reg != ARCH_DWARF_RBP)
			return false;
		*ret_flags |= STEP_RBP_SAVED | STEP_RBP_BY_RBP;
		return true;
	default:
		return false;
	}
}

static uint64_t to_step(const struct row *row)
{
	uint64_t flags = 0, reg;
	int64_t slot, offset;

	if (row->ra.kind == RULE_UNDEFINED)
		return STEP_END;
	if (row->ra.kind != RULE_OFFSET || row->ra.offset != -8 || !rbp_slot(row, &flags, &slot))
		return STEP_STOP;
	if (row->cfa.kind == RULE_EXPRESSION) {
		if (is_plt(expression_of(&row->cfa), &offset))
			return encode(STEP_PLT, flags, slot, offset);
		if (!is_register_offset(expression_of(&row->cfa), true, &reg, &offset))
			return STEP_STOP;
		if (reg == ARCH_DWARF_RBP)
			flags |= STEP_BASE_RBP;
		else if (reg != ARCH_DWARF_RSP)
			return STEP_STOP;
		return encode(STEP_DEREF, flags, slot, offset);
	}
	if (row->cfa.kind != RULE_OFFSET)
		return STEP_STOP;
	if (row->cfa_register == ARCH_DWARF_RBP)
		flags |= STEP_BASE_RBP;
	else if (row->cfa_register != ARCH_DWARF_RSP)
		return STEP_STOP;
	return encode(STEP_NORMAL, flags, slot, row->cfa.offset);
}

uint64_t cfi_compile(uintptr_t pc, const struct loaded *object)
{
	struct frame_info f;
	struct row row = {.ra = {.kind = RULE_OTHER}, .cfa = {.kind = RULE_OTHER}}, initial;

	if (!find_fde(pc, object, &f))
		return STEP_STOP;
	if (f.signal)
		return STEP_SIGNAL;
	if (!run(f.initial, &f, UINTPTR_MAX, &row, &row))
		return STEP_STOP;
	initial = row;
	if (!run(f.program, &f, pc, &row, &initial))
		return STEP_STOP;
	return to_step(&row);
}
