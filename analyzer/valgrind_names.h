/* What valgrind's suppressions call functions. */
#ifndef LEAK_VALGRIND_NAMES_H
#define LEAK_VALGRIND_NAMES_H

#include "model.h"

#include <stdbool.h>

/* Whether valgrind takes the name `one` rather than `other` for a place that has both. */
bool valgrind_prefers(const char *one, const char *other);

/* What it calls a function by one of its symbols: mostly that. */
const char *valgrind_renamed(const char *symbol);

/* What it calls the function of a location; NULL: unknown. Where nobody asked for valgrind's names,
 * the linker's. */
const char *valgrind_name(const struct location *location);

/* The path of an object as the kernel knows it, so valgrind: without symbolic links, where it is
 * here. For the caller to free. */
char *valgrind_object(const struct module *module);

/* Whether an entry says nothing of this function, nor of what called it: it starts the program or a
 * thread. */
bool valgrind_ends_before(const struct module *module, const struct location *location);

/* An allocator that calls another one, in valgrind, libc or the C++ library. */
struct valgrind_allocator {
	const char *symbol;
	const char *inner; /* may have a frame of its own, the innermost; NULL: there is none */
	const char
		*instead[2]; /* whose frame may stand in its place; NULL: its own is always there */
	const char *pattern; /* of whichever is there */
};

/* NULL: it calls no other. */
const struct valgrind_allocator *valgrind_allocator(const char *symbol);

#endif
