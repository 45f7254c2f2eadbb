/*
 * A path from a block towards its root, step by step as reach_path tells it, made short enough to
 * be kept: a list of ten million blocks is one row. Consecutive blocks of one call site are one
 * row; of what is still too long, the rows nearest to either end are kept. Compiled into both
 * programs.
 */
#ifndef LEAK_PATH_STEPS_H
#define LEAK_PATH_STEPS_H

#include <stddef.h>
#include <stdint.h>

#include "preload/image_format.h"

#define PATH_NEAR_ROWS 32u /* to the block */
#define PATH_FAR_ROWS 31u  /* to the root */
#define PATH_ROWS_MAX (PATH_NEAR_ROWS + 1 + PATH_FAR_ROWS)

/* Zeroed to begin with. Large: not for a stack that is somebody else's. */
struct path_steps {
	struct image_path near[PATH_NEAR_ROWS];
	struct image_path far[PATH_FAR_ROWS]; /* a ring */
	uint64_t near_count;
	uint64_t far_count; /* all that ever came; the last ones are there */
	uint64_t left_out;  /* steps of those that are not */
};

/* The next block towards the root, of kind PATH_STEP with a count of 1. */
void path_steps_add(struct path_steps *steps, const struct image_path *step);

/* Writes the rows, from the block to the root; returns how many. `ret` has room for PATH_ROWS_MAX.
 */
size_t path_steps_rows(const struct path_steps *steps, struct image_path *ret);

#endif
