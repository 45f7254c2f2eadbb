/*
 * The live blocks of an image in the order of their addresses, as a scan for lost blocks wants them
 * (preload/live_list.h does the same in the process). 24 bytes a block.
 */
#ifndef LEAK_LIVE_SORTED_H
#define LEAK_LIVE_SORTED_H

#include "image_file.h"
#include "live_each.h"
#include "progress.h"

#include <stdbool.h>

/* Blocks of one leaf, in order. */
struct live_run {
	uint64_t start; /* address of the first */
	size_t first, count;
};

struct live_sorted {
	struct image_block *blocks;
	size_t count, capacity;
	struct {
		struct live_run *runs; /* by address */
		size_t count, capacity;
	} spaces[SPACE_COUNT];
};

void live_sorted_read(
	struct live_sorted *live, const struct image_file *image, struct progress *progress);
void live_sorted_free(struct live_sorted *live);

/* Calls `visit` with every block in the order of addresses, until it returns false. Blocks that
 * hold blocks of the program's own pools, and what would overlap an earlier one, are left out. A
 * size that is not known is 0. */
void live_sorted_each(const struct live_sorted *live,
	bool (*visit)(void *context, uint32_t space, const struct image_block *block),
	void *context);

#endif
