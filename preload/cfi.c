/*
 * The compiler from .eh_frame to steps. Runs once per return address, on the slow path of an event,
 * in any thread and in signal handlers: no allocation, no lock, less than a KiB of stack.
 *
 * A step holds what a walk needs and nothing else: the CFA, where the caller's rbp is. Other
 * registers only matter as the base of a CFA. Compilers use rbp (and a saved pointer behind rbp
 * where they realign the stack), so that is what a step can say; assembly uses what it likes. For
 * its sake the same rules can also be interpreted with all registers, one frame at a time.
 */
#include <elf.h>
#include <stdbool.h>
#include <stddef.h>

#include "preload/cfi.h"
#include "preload/sys.h"

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

static __attribute__((noinline)) uint64_t take_long_uleb(struct cursor *c)
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

static __attribute__((noinline)) uint64_t take_uleb(struct cursor *c)
{
	return c->at < c->end && *c->at < 0x80 ? *c->at++ : take_long_uleb(c);
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
	uintptr_t start;       /* the function */
	uint32_t code_align;
	int32_t data_align;
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
	ret->code_align = (uint32_t)take_uleb(&c);
	ret->data_align = (int32_t)take_sleb(&c);
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

/* False also when the function does not contain `pc`. */
static bool parse_fde(
	const uint8_t *at, const struct loaded *object, uintptr_t pc, struct frame_info *ret)
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
	if (pc - ret->start >= take_encoded(&c, ret->pointer_encoding & ENC_FORMAT, 0))
		return false;
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
static __attribute__((noinline)) bool find_fde(
	uintptr_t pc, const struct loaded *object, struct frame_info *ret)
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
	return parse_fde(hdr + table[low].fde, object, pc, ret);
}

/* Where a caller's register is. A word, because several rows are on the stack of a program's thread
 * at once: the kind in the low byte; above it a number, or the address of an expression's block. */
enum rule_kind {
	RULE_SAME,           /* unchanged; of the stack pointer: the CFA */
	RULE_OFFSET,         /* saved at CFA + number */
	RULE_UNDEFINED,      /* gone; of the return address: the outermost frame */
	RULE_EXPRESSION,     /* saved at the address that it yields */
	RULE_VAL_OFFSET,     /* CFA + number itself; as the CFA's rule: the register + number */
	RULE_VAL_EXPRESSION, /* the value that it yields */
	RULE_REGISTER,       /* in the register of that number */
	RULE_OTHER,          /* nowhere that we know */
};

#define RULE(kind, value) ((uint64_t)(kind) | (uint64_t)(value) << 8)
#define RULE_KIND(rule) ((enum rule_kind)((rule)&0xff))
#define RULE_NUMBER(rule) ((int64_t)(rule) >> 8)

/* The CFA's rule has its register's number in the byte above the kind. */
#define CFA(kind, reg, value)                                                                      \
	((uint64_t)(kind) | (uint64_t)((reg)&0xff) << 8 | (uint64_t)(value) << 16)
#define CFA_REGISTER(cfa) ((cfa) >> 8 & 0xff)
#define CFA_NUMBER(cfa) ((int64_t)(cfa) >> 16)

/* The rules of a function at one instruction. */
struct row {
	uint64_t cfa; /* RULE_VAL_OFFSET or RULE_VAL_EXPRESSION, with its register: CFA() */
	uint64_t rules[CFI_RULES];
};

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

/* Those that no call preserves are not followed. */
static const uint8_t rule_of_register[ARCH_DWARF_RA + 1] = {[0 ... 2] = CFI_OTHER,
	[4 ... 5] = CFI_OTHER,
	[8 ... 11] = CFI_OTHER,
	[ARCH_DWARF_RBX] = CFI_RBX,
	[ARCH_DWARF_RBP] = CFI_RBP,
	[ARCH_DWARF_RSP] = CFI_RSP,
	[ARCH_DWARF_R12] = CFI_R12,
	[ARCH_DWARF_R13] = CFI_R13,
	[ARCH_DWARF_R14] = CFI_R14,
	[ARCH_DWARF_R15] = CFI_R15,
	[ARCH_DWARF_RA] = CFI_RA};

static void set_rule(struct row *row, uint64_t reg, uint64_t rule)
{
	if (reg <= ARCH_DWARF_RA && rule_of_register[reg] != CFI_OTHER)
		row->rules[rule_of_register[reg]] = rule;
}

static void restore_rule(struct row *row, uint64_t reg, const struct row *initial)
{
	if (reg <= ARCH_DWARF_RA)
		set_rule(row, reg, initial->rules[rule_of_register[reg] % CFI_RULES]);
}

/* A rule whose value is the block at the cursor. */
static uint64_t take_expression(struct cursor *c, enum rule_kind kind)
{
	const uint8_t *at = c->at;

	take_block(c);
	return RULE(kind, (uintptr_t)at);
}

static struct cursor expression_of(uint64_t rule)
{
	/* Found whole when the rule was made; a block is short, and its length in front of it. */
	struct cursor c = {
		(const uint8_t *)(uintptr_t)(rule >> 8), (const uint8_t *)UINTPTR_MAX, false};

	return take_block(&c);
}

static struct cursor expression_of_cfa(uint64_t cfa)
{
	return expression_of(cfa >> 8);
}

/* Compilers remember one state at a time. */
#define REMEMBERED_MAX 2

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
			set_rule(row, low,
				RULE(RULE_OFFSET, (int64_t)take_uleb(&c) * f->data_align));
			continue;
		case 0xc0: /* DW_CFA_restore */
			restore_rule(row, low, initial);
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
			set_rule(row, reg,
				RULE(RULE_OFFSET, (int64_t)take_uleb(&c) * f->data_align));
			break;
		case 0x06: /* restore_extended */
			restore_rule(row, take_uleb(&c), initial);
			break;
		case 0x07: /* undefined */
			set_rule(row, take_uleb(&c), RULE_UNDEFINED);
			break;
		case 0x08: /* same_value */
			set_rule(row, take_uleb(&c), RULE_SAME);
			break;
		case 0x09: /* register */
			reg = take_uleb(&c);
			set_rule(row, reg, RULE(RULE_REGISTER, take_uleb(&c)));
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
			reg = take_uleb(&c);
			row->cfa = CFA(RULE_VAL_OFFSET, reg, take_uleb(&c));
			break;
		case 0x0d: /* def_cfa_register */
			if (RULE_KIND(row->cfa) != RULE_VAL_OFFSET)
				return false;
			row->cfa = CFA(RULE_VAL_OFFSET, take_uleb(&c), CFA_NUMBER(row->cfa));
			break;
		case 0x0e: /* def_cfa_offset */
			if (RULE_KIND(row->cfa) != RULE_VAL_OFFSET)
				return false;
			row->cfa = CFA(RULE_VAL_OFFSET, CFA_REGISTER(row->cfa), take_uleb(&c));
			break;
		case 0x0f: /* def_cfa_expression */
			row->cfa = CFA(RULE_VAL_EXPRESSION, 0, take_expression(&c, 0) >> 8);
			break;
		case 0x10: /* expression */
			reg = take_uleb(&c);
			set_rule(row, reg, take_expression(&c, RULE_EXPRESSION));
			break;
		case 0x11: /* offset_extended_sf */
			reg = take_uleb(&c);
			set_rule(row, reg, RULE(RULE_OFFSET, take_sleb(&c) * f->data_align));
			break;
		case 0x12: /* def_cfa_sf */
			reg = take_uleb(&c);
			row->cfa = CFA(RULE_VAL_OFFSET, reg, take_sleb(&c) * f->data_align);
			break;
		case 0x13: /* def_cfa_offset_sf */
			if (RULE_KIND(row->cfa) != RULE_VAL_OFFSET)
				return false;
			row->cfa = CFA(RULE_VAL_OFFSET, CFA_REGISTER(row->cfa),
				take_sleb(&c) * f->data_align);
			break;
		case 0x14: /* val_offset */
			reg = take_uleb(&c);
			set_rule(row, reg,
				RULE(RULE_VAL_OFFSET, (int64_t)take_uleb(&c) * f->data_align));
			break;
		case 0x15: /* val_offset_sf */
			reg = take_uleb(&c);
			set_rule(row, reg, RULE(RULE_VAL_OFFSET, take_sleb(&c) * f->data_align));
			break;
		case 0x16: /* val_expression */
			reg = take_uleb(&c);
			set_rule(row, reg, take_expression(&c, RULE_VAL_EXPRESSION));
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
		if (!is_register_offset(expression_of(rule), false, &reg, ret_slot) ||
			reg != ARCH_DWARF_RBP)
			return false;
		*ret_flags |= STEP_RBP_SAVED | STEP_RBP_BY_RBP;
		return true;
	default:
		return false;
	}
}

static __attribute__((noinline)) uint64_t to_step(const struct row *row)
{
	uint64_t flags = 0, reg;
	int64_t slot, offset;

	if (RULE_KIND(row->rules[CFI_RA]) == RULE_UNDEFINED)
		return STEP_END;
	if (row->rules[CFI_RA] != RULE(RULE_OFFSET, -8) || row->rules[CFI_RSP] != RULE_SAME ||
		!rbp_slot(row->rules[CFI_RBP], &flags, &slot))
		return STEP_FULL;
	if (RULE_KIND(row->cfa) == RULE_VAL_EXPRESSION) {
		if (is_plt(expression_of_cfa(row->cfa), &offset))
			return encode(STEP_PLT, flags, slot, offset);
		if (!is_register_offset(expression_of_cfa(row->cfa), true, &reg, &offset))
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

/* The row of an instruction; its kind is STEP_NORMAL when there is one. */
static enum step_kind find_row(uintptr_t pc, const struct loaded *object, struct row *ret)
{
	struct frame_info f;
	struct row initial;

	if (!find_fde(pc, object, &f))
		return arch_is_sigreturn(pc + 1) ? STEP_SIGNAL : STEP_STOP;
	if (f.signal)
		return STEP_SIGNAL;
	__builtin_memset(ret, 0, sizeof(*ret));
	ret->cfa = ret->rules[CFI_RA] = RULE_OTHER;
	if (!run(f.initial, &f, UINTPTR_MAX, ret, ret))
		return STEP_STOP;
	initial = *ret;
	if (!run(f.program, &f, pc, ret, &initial) || RULE_KIND(ret->cfa) == RULE_OTHER)
		return STEP_STOP;
	return STEP_NORMAL;
}

uint64_t cfi_compile(uintptr_t pc, const struct loaded *object)
{
	struct row row;
	enum step_kind kind = find_row(pc, object, &row);

	return kind == STEP_NORMAL ? to_step(&row) : kind;
}

/* ---- interpreting ---- */

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
	if (reg > ARCH_DWARF_RA || !(frame->known >> reg & 1))
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
		uint8_t op = (uint8_t)take(&c, 1);
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
			int64_t offset = take_sleb(&c);

			if (!register_value(frame, op - 0x70u, &stack[used]))
				return false;
			stack[used++] += (uint64_t)offset;
			continue;
		}
		switch (op) {
		case 0x03: /* addr */
		case 0x0e: /* const8u */
		case 0x0f: /* const8s */
			stack[used++] = take(&c, 8);
			break;
		case 0x06: /* deref */
			if (!load(frame, b, &stack[used - 1]))
				return false;
			break;
		case 0x08: /* const1u, 2u, 4u */
		case 0x0a:
		case 0x0c:
			stack[used++] = take(&c, 1u << (op - 0x08) / 2);
			break;
		case 0x09: /* const1s */
			stack[used++] = (uint64_t)(int64_t)(int8_t)take(&c, 1);
			break;
		case 0x0b: /* const2s */
			stack[used++] = (uint64_t)(int64_t)(int16_t)take(&c, 2);
			break;
		case 0x0d: /* const4s */
			stack[used++] = (uint64_t)(int64_t)(int32_t)take(&c, 4);
			break;
		case 0x10: /* constu */
			stack[used++] = take_uleb(&c);
			break;
		case 0x11: /* consts */
			stack[used++] = (uint64_t)take_sleb(&c);
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
			b = take(&c, 1);
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
			stack[used - 1] = b + take_uleb(&c);
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
			int64_t distance = (int16_t)take(&c, 2);

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
			a = take_uleb(&c);
			b = (uint64_t)take_sleb(&c);
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
		return evaluate(expression_of(rule), frame, &cfa, ret) && load(frame, *ret, ret);
	case RULE_VAL_OFFSET:
		*ret = cfa + (uint64_t)RULE_NUMBER(rule);
		return true;
	case RULE_VAL_EXPRESSION:
		return evaluate(expression_of(rule), frame, &cfa, ret);
	case RULE_REGISTER:
		return register_value(frame, (uint64_t)RULE_NUMBER(rule), ret);
	default:
		return false;
	}
}

static bool find_cfa(const struct row *row, const struct cfi_frame *frame, uint64_t *ret)
{
	if (RULE_KIND(row->cfa) == RULE_VAL_EXPRESSION)
		return evaluate(expression_of_cfa(row->cfa), frame, NULL, ret);
	if (!register_value(frame, CFA_REGISTER(row->cfa), ret))
		return false;
	*ret += (uint64_t)CFA_NUMBER(row->cfa);
	return true;
}

SLOW enum step_kind cfi_step(struct cfi_frame *frame, bool exact, const struct loaded *object)
{
	const struct cfi_frame callee = *frame;
	struct row row;
	enum step_kind kind = find_row(callee.value[ARCH_DWARF_RA] - !exact, object, &row);
	uint64_t cfa;

	if (kind != STEP_NORMAL)
		return kind;
	if (RULE_KIND(row.rules[CFI_RA]) == RULE_UNDEFINED)
		return STEP_END;
	if (!find_cfa(&row, &callee, &cfa))
		return STEP_FULL;
	for (unsigned reg = 0; reg <= ARCH_DWARF_RA; reg++) {
		uint64_t rule = rule_of_register[reg] == CFI_OTHER
					? (uint64_t)RULE_SAME
					: row.rules[rule_of_register[reg]];

		if (rule == RULE_SAME && reg == ARCH_DWARF_RSP)
			frame->value[reg] = cfa;
		else if (rule == RULE_SAME && reg != ARCH_DWARF_RA)
			continue;
		else if (apply(rule, &callee, cfa, &frame->value[reg]))
			frame->known |= 1u << reg;
		else
			frame->known &= ~(1u << reg);
	}
	return frame->known >> ARCH_DWARF_RA & frame->known >> ARCH_DWARF_RSP & 1 ? STEP_NORMAL
										  : STEP_FULL;
}
