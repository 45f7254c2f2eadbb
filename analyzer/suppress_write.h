/* New suppressions for a site. */
#ifndef LEAK_SUPPRESS_WRITE_H
#define LEAK_SUPPRESS_WRITE_H

#include "model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct suppress_wish {
	bool valgrind;              /* else LeakSanitizer's format */
	uint64_t depth;             /* lines of stack at most, valgrind's */
	const char *reason, *until; /* NULL: not given */
};

/* The entry that hides a site and as little else as can be, for the caller to free. NULL: its
 * stack has no name that an entry could go by. */
char *suppress_write_entry(
	const struct model *model, const struct site *site, const struct suppress_wish *wish);

/* The comments above it: how much it is, why, until when. */
void suppress_write_comments(const struct model *model, const struct site *site,
	const struct suppress_wish *wish, FILE *out);

/* The place of a site in short: "f (file.c:12)". */
void suppress_write_place(
	const struct model *model, const struct site *site, char *room, size_t size);

#endif
