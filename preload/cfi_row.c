/* From .eh_frame to a row of rules, see cfi_row.h. */
#include "preload/cfi_row.h"

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
		value = cursor_take(c, 8);
		break;
	case 0x01:
		value = cursor_uleb(c);
		break;
	case 0x02:
		value = cursor_take(c, 2);
		break;
	case 0x03:
		value = cursor_take(c, 4);
		break;
	case 0x09:
		value = (uint64_t)cursor_sleb(c);
		break;
	case 0x0a:
		value = (uint64_t)(int64_t)(int16_t)cursor_take(c, 2);
		break;
	case 0x0b:
		value = (uint64_t)(int64_t)(int32_t)cursor_take(c, 4);
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
	uintptr_t start;       /* the function */
	uint32_t code_align;
	int32_t data_align;
	uint8_t pointer_encoding;
	bool has_augmentation;
	bool signal; /* a signal trampoline: 'S' */
};

/* Are the descriptions in what the loader calls the object? Of a program with gaps between its
 * segments (node) it tells the one that has the code. */
static bool has_descriptions(const struct loaded *object)
{
	return (uintptr_t)object->eh_frame_hdr - object->start < object->end - object->start;
}

/* Nothing behind that is read; where it is not known, the descriptions are believed. */
static const uint8_t *end_of_descriptions(const struct loaded *object)
{
	return (const uint8_t *)(has_descriptions(object) ? object->end : UINTPTR_MAX);
}

static bool parse_cie(const uint8_t *at, const struct loaded *object, struct frame_info *ret)
{
	struct cursor c = {at, end_of_descriptions(object), false};
	uint32_t length = (uint32_t)cursor_take(&c, 4);
	const char *augmentation;
	uint64_t ra;

	if (c.bad || length == 0xffffffff || length > (size_t)(c.end - c.at))
		return false;
	c.end = c.at + length;
	if (cursor_take(&c, 4) != 0) /* a CIE's id */
		return false;
	uint64_t version = cursor_take(&c, 1);

	augmentation = (const char *)c.at;
	while (!c.bad && cursor_take(&c, 1))
		;
	if (c.bad || (version != 1 && version != 3))
		return false;
	ret->code_align = (uint32_t)cursor_uleb(&c);
	ret->data_align = (int32_t)cursor_sleb(&c);
	ra = version == 1 ? cursor_take(&c, 1) : cursor_uleb(&c);
	ret->pointer_encoding = 0;
	ret->has_augmentation = augmentation[0] == 'z';
	ret->signal = false;
	if (ret->has_augmentation) {
		uint64_t size = cursor_uleb(&c);
		const uint8_t *after = c.at + size;

		if (c.bad || size > (size_t)(c.end - c.at))
			return false;
		for (const char *a = augmentation + 1; *a; a++) {
			if (*a == 'R') {
				ret->pointer_encoding = (uint8_t)cursor_take(&c, 1);
			} else if (*a == 'P') {
				uint8_t encoding = (uint8_t)cursor_take(&c, 1);

				take_encoded(&c, encoding & ENC_FORMAT, 0);
			} else if (*a == 'L') {
				cursor_take(&c, 1);
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

/* False also when the function does not contain `pc`. */
static bool parse_fde(
	const uint8_t *at, const struct loaded *object, uintptr_t pc, struct frame_info *ret)
{
	struct cursor c = {at, end_of_descriptions(object), false};

	if (has_descriptions(object) &&
		(uintptr_t)at - object->start >= object->end - object->start)
		return false;
	uint32_t length = (uint32_t)cursor_take(&c, 4);
	const uint8_t *cie_field = c.at;
	uint64_t back;

	if (c.bad || length == 0xffffffff || length > (size_t)(c.end - c.at))
		return false;
	c.end = c.at + length;
	back = cursor_take(&c, 4);
	if (c.bad || back == 0 || back > (uintptr_t)cie_field - object->start)
		return false;
	if (!parse_cie(cie_field - back, object, ret))
		return false;
	ret->start = take_encoded(&c, ret->pointer_encoding, 0);
	if (pc - ret->start >= take_encoded(&c, ret->pointer_encoding & ENC_FORMAT, 0))
		return false;
	if (ret->has_augmentation) {
		uint64_t size = cursor_uleb(&c);

		if (c.bad || size > (size_t)(c.end - c.at))
			return false;
		c.at += size;
	}
	ret->program = c;
	return !c.bad;
}

/* Finds the FDE through the sorted table of .eh_frame_hdr. */
static __attribute__((noinline)) bool find_fde(
	uintptr_t pc, const struct loaded *object, struct frame_info *ret)
{
	const uint8_t *hdr = object->eh_frame_hdr;
	struct cursor c = {hdr, end_of_descriptions(object), false};
	uint64_t count;
	const struct {
		int32_t start, fde;
	} * table;

	if (!hdr || cursor_take(&c, 1) != 1)
		return false;
	uint8_t frame_encoding = (uint8_t)cursor_take(&c, 1);
	uint8_t count_encoding = (uint8_t)cursor_take(&c, 1);
	uint8_t table_encoding = (uint8_t)cursor_take(&c, 1);

	if (count_encoding == ENC_OMIT || table_encoding != (ENC_DATAREL | 0x0b))
		return false;
	take_encoded(&c, frame_encoding, (uintptr_t)hdr);
	count = take_encoded(&c, count_encoding, (uintptr_t)hdr);
	if (c.bad || count == 0 || count > (size_t)(c.end - c.at) / sizeof(*table) ||
		(uintptr_t)c.at % _Alignof(int32_t))
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
	return parse_fde(hdr + table[low].fde, object, pc, ret);
}

static void set_rule(struct cfi_row *row, uint64_t reg, uint64_t rule)
{
	if (reg < ARCH_REGISTERS && cfi_row_rules[reg] != CFI_OTHER)
		row->rules[cfi_row_rules[reg]] = rule;
}

static void restore_rule(struct cfi_row *row, uint64_t reg, const struct cfi_row *initial)
{
	if (reg < ARCH_REGISTERS)
		set_rule(row, reg, initial->rules[cfi_row_rules[reg] % CFI_RULES]);
}

/* A rule whose value is the block at the cursor. Apart, because `run` has little stack. */
static __attribute__((noinline)) uint64_t take_expression(struct cursor *c, enum rule_kind kind)
{
	const uint8_t *at = c->at;

	cursor_block(c);
	return RULE(kind, (uintptr_t)at);
}

struct cursor cfi_row_expression(uint64_t rule)
{
	/* Found whole when the rule was made; a block is short, and its length in front of it. */
	struct cursor c = {
		(const uint8_t *)(uintptr_t)(rule >> 8), (const uint8_t *)UINTPTR_MAX, false};

	return cursor_block(&c);
}

struct cursor cfi_row_cfa_expression(uint64_t cfa)
{
	return cfi_row_expression(cfa >> 8);
}

/* Compilers remember one state at a time. */
#define REMEMBERED_MAX 2

/* How far an advance_loc of so many bytes goes. */
static inline uint32_t take_distance(struct cursor *c, unsigned bytes)
{
	uint32_t distance = 0;

	if (unlikely((size_t)(c->end - c->at) < bytes)) {
		c->bad = true;
		return 0;
	}
	for (unsigned i = 0; i < bytes; i++)
		distance |= (uint32_t)c->at[i] << 8 * i;
	c->at += bytes;
	return distance;
}

/* An offset in units of the CIE's data alignment. What is too large wraps. */
static inline int64_t factored(const struct frame_info *f, uint64_t offset)
{
	return (int64_t)(offset * (uint64_t)f->data_align);
}

/* Pairs of "some bytes further on" and "the CFA is so far from the same register now": what a
 * function that pushes arguments is described by, hundreds of times. False when `pc` has been
 * passed; the cursor is at the first pair that was not taken. */
static inline bool run_pushes(struct cursor *c, const struct frame_info *f, uintptr_t pc,
	uintptr_t *location, uint64_t *cfa)
{
	const uint8_t *at = c->at;
	bool goes_on = true;

	if (RULE_KIND(*cfa) != RULE_VAL_OFFSET)
		return true;
	while (c->end - at >= 3 && (at[0] & 0xc0) == 0x40 && at[1] == 0x0e && at[2] < 0x80) {
		uintptr_t next = *location + (at[0] & 0x3f) * f->code_align;

		if (next > pc) {
			goes_on = false;
			break;
		}
		*location = next;
		*cfa = CFA(RULE_VAL_OFFSET, CFA_REGISTER(*cfa), at[2]);
		at += 3;
	}
	c->at = at;
	return goes_on;
}

/* Runs call frame instructions until the row of `pc` is complete. False on anything malformed or
 * not understood. */
static bool run(struct cursor *c, const struct frame_info *f, uintptr_t pc, struct cfi_row *row,
	const struct cfi_row *initial)
{
	struct cfi_row remembered[REMEMBERED_MAX];
	unsigned depth = 0;
	uintptr_t location = f->start;

	while (c->at < c->end && !c->bad) {
		uint8_t op, low;
		uint64_t reg;

		if (!run_pushes(c, f, pc, &location, &row->cfa))
			return true;
		if (c->at == c->end)
			break;
		op = *c->at++;
		low = op & 0x3f;
		switch (op & 0xc0) {
		case 0x40: /* DW_CFA_advance_loc */
			location += low * f->code_align;
			if (location > pc)
				return true;
			continue;
		case 0x80: /* DW_CFA_offset */
			set_rule(row, low, RULE(RULE_OFFSET, factored(f, cursor_uleb(c))));
			continue;
		case 0xc0: /* DW_CFA_restore */
			restore_rule(row, low, initial);
			continue;
		}
		switch (op) {
		case 0x00: /* nop */
			break;
		case 0x01: /* set_loc */
			location = take_encoded(c, f->pointer_encoding, 0);
			if (location > pc)
				return !c->bad;
			break;
		case 0x02: /* advance_loc1 */
		case 0x03: /* advance_loc2 */
		case 0x04: /* advance_loc4 */
			location += (uint64_t)take_distance(c, 1u << (op - 2)) * f->code_align;
			if (location > pc)
				return !c->bad;
			break;
		case 0x05: /* offset_extended */
			reg = cursor_uleb(c);
			set_rule(row, reg, RULE(RULE_OFFSET, factored(f, cursor_uleb(c))));
			break;
		case 0x06: /* restore_extended */
			restore_rule(row, cursor_uleb(c), initial);
			break;
		case 0x07: /* undefined */
			set_rule(row, cursor_uleb(c), RULE_UNDEFINED);
			break;
		case 0x08: /* same_value */
			set_rule(row, cursor_uleb(c), RULE_SAME);
			break;
		case 0x09: /* register */
			reg = cursor_uleb(c);
			set_rule(row, reg, RULE(RULE_REGISTER, cursor_uleb(c)));
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
			reg = cursor_uleb(c);
			row->cfa = CFA(RULE_VAL_OFFSET, reg, cursor_uleb(c));
			break;
		case 0x0d: /* def_cfa_register */
			if (RULE_KIND(row->cfa) != RULE_VAL_OFFSET)
				return false;
			row->cfa = CFA(RULE_VAL_OFFSET, cursor_uleb(c), CFA_NUMBER(row->cfa));
			break;
		case 0x0e: /* def_cfa_offset */
			if (RULE_KIND(row->cfa) != RULE_VAL_OFFSET)
				return false;
			row->cfa = CFA(RULE_VAL_OFFSET, CFA_REGISTER(row->cfa), cursor_uleb(c));
			break;
		case 0x0f: /* def_cfa_expression */
			row->cfa = CFA(RULE_VAL_EXPRESSION, 0, take_expression(c, 0) >> 8);
			break;
		case 0x10: /* expression */
			reg = cursor_uleb(c);
			set_rule(row, reg, take_expression(c, RULE_EXPRESSION));
			break;
		case 0x11: /* offset_extended_sf */
			reg = cursor_uleb(c);
			set_rule(
				row, reg, RULE(RULE_OFFSET, factored(f, (uint64_t)cursor_sleb(c))));
			break;
		case 0x12: /* def_cfa_sf */
			reg = cursor_uleb(c);
			row->cfa = CFA(RULE_VAL_OFFSET, reg, factored(f, (uint64_t)cursor_sleb(c)));
			break;
		case 0x13: /* def_cfa_offset_sf */
			if (RULE_KIND(row->cfa) != RULE_VAL_OFFSET)
				return false;
			row->cfa = CFA(RULE_VAL_OFFSET, CFA_REGISTER(row->cfa),
				factored(f, (uint64_t)cursor_sleb(c)));
			break;
		case 0x14: /* val_offset */
			reg = cursor_uleb(c);
			set_rule(row, reg, RULE(RULE_VAL_OFFSET, factored(f, cursor_uleb(c))));
			break;
		case 0x15: /* val_offset_sf */
			reg = cursor_uleb(c);
			set_rule(row, reg,
				RULE(RULE_VAL_OFFSET, factored(f, (uint64_t)cursor_sleb(c))));
			break;
		case 0x16: /* val_expression */
			reg = cursor_uleb(c);
			set_rule(row, reg, take_expression(c, RULE_VAL_EXPRESSION));
			break;
		case 0x2e: /* GNU_args_size */
			cursor_uleb(c);
			break;
		default:
			if (!arch_is_cfi_hint(op))
				return false;
		}
	}
	return !c->bad;
}

enum step_kind cfi_row_find(uintptr_t pc, const struct loaded *object, struct cfi_row *ret)
{
	struct frame_info f;
	struct cfi_row initial;

	if (!find_fde(pc, object, &f))
		return arch_is_sigreturn(pc + 1) ? STEP_SIGNAL : STEP_STOP;
	if (f.signal)
		return STEP_SIGNAL;
	__builtin_memset(ret, 0, sizeof(*ret));
	ret->cfa = RULE_OTHER;
	ret->rules[CFI_RA] = CFI_RA_AT_FIRST;
	if (!run(&f.initial, &f, UINTPTR_MAX, ret, ret))
		return STEP_STOP;
	initial = *ret;
	if (!run(&f.program, &f, pc, ret, &initial) || RULE_KIND(ret->cfa) == RULE_OTHER)
		return STEP_STOP;
	return STEP_NORMAL;
}
