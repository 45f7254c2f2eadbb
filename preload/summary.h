/*
 * The one line that we may print on the program's stderr: at its end, and where it asks itself
 * which blocks are lost.
 */
#ifndef LEAK_SUMMARY_H
#define LEAK_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/image_format.h"
#include "preload/text.h"

/* "leak: app[4711]: " */
void summary_begin(struct text *t);

/* What the blocks that are left are, as far as a check has found out (NULL: none was made). False
 * when nothing of it is worth a line that nobody asked for. */
bool summary_of_rest(
	struct text *t, uint64_t bytes, uint64_t blocks, const struct image_check *check);

/* "; see: leak report FILE" */
void summary_where(struct text *t);

#endif
