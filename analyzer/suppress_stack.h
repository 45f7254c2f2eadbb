/* A site's stack as suppressions look at it: the allocator's frame first. */
#ifndef LEAK_SUPPRESS_STACK_H
#define LEAK_SUPPRESS_STACK_H

#include "suppress.h"

struct suppress_frame {
	const char *function;    /* demangled; NULL: unknown */
	const char *symbol;      /* as the linker has it; NULL: unknown */
	const char *valgrind;    /* as valgrind has it; NULL: as the linker, or unknown */
	const char *module;      /* path, NULL: none */
	const char *real_module; /* the same without symbolic links, NULL: no other */
	char *path;              /* of the source file, with its directory; NULL: unknown */
	unsigned line;
	bool inlined;
	bool allocator; /* a frame of the allocator itself, which the stack of the model lacks */
	bool system;    /* in a library of the system */
};

struct suppress_stack {
	struct suppress_frame *frames;
	size_t count, capacity;
	char **real_modules; /* by the model's numbers, filled when first asked for */
	bool *real_known;
	size_t module_count;
	char *allocator; /* demangled */
};

void suppress_stack_init(struct suppress_stack *stack, const struct model *model);

/* Puts the stack of a site there. */
void suppress_stack_fill(
	struct suppress_stack *stack, const struct model *model, const struct site *site);

/* The same with one frame of the model, and with the allocator's alone. */
void suppress_stack_fill_frame(
	struct suppress_stack *stack, const struct model *model, uint32_t number);
void suppress_stack_fill_allocator(struct suppress_stack *stack, const char *symbol);
void suppress_stack_free(struct suppress_stack *stack);

/* Whether an entry of either format matches the stack, whatever kinds it is for. `by_system`: a
 * path or file of a system library sufficed. */
bool suppress_lsan_matches(
	const struct suppression *entry, const struct suppress_stack *stack, bool *ret_by_system);
bool suppress_valgrind_matches(const struct suppression *entry, const struct suppress_stack *stack);

/* LeakSanitizer's match of a pattern with a text. */
bool suppress_lsan_match(const char *pattern, const char *text);

/* The name of a function of libc without what its aliases differ by: __GI___strdup, __strdup and
 * strdup are one. */
const char *suppress_plain_name(const char *symbol);

#endif
