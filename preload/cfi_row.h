/*
 * The rules of a function at one instruction: what .eh_frame says of where the caller's registers
 * are. Read on the slow path of an event, in any thread and in signal handlers: no allocation, no
 * lock.
 */
#ifndef LEAK_CFI_ROW_H
#define LEAK_CFI_ROW_H

#include "preload/cfi.h"
#include "preload/cfi_cursor.h"

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
struct cfi_row {
	uint64_t cfa; /* RULE_VAL_OFFSET or RULE_VAL_EXPRESSION, with its register: CFA() */
	uint64_t rules[CFI_RULES];
};

/* By DWARF number, which enum cfi_rule. */
extern const uint8_t cfi_row_rules[ARCH_REGISTERS] __attribute__((visibility("hidden")));

/* The expression of a rule that has one; of the CFA's rule. */
struct cursor cfi_row_expression(uint64_t rule);
struct cursor cfi_row_cfa_expression(uint64_t cfa);

/* The row of the instruction at `pc`. Its kind is STEP_NORMAL when there is one, else why not:
 * STEP_SIGNAL or STEP_STOP. */
enum step_kind cfi_row_find(uintptr_t pc, const struct loaded *object, struct cfi_row *ret);

#endif
