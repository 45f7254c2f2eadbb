/*
 * Every live block of an image with its address: what sums, the scan for reachable blocks and the
 * reader of cores have in common. One pass, leaf by leaf, no memory per block.
 */
#ifndef LEAK_LIVE_EACH_H
#define LEAK_LIVE_EACH_H

#include "image_file.h"
#include "progress.h"

/* The image has no size for a block of this one: its second slot is not readable. */
#define BLOCK_SIZE_UNKNOWN UINT64_MAX

struct image_block {
	uint64_t address;
	uint64_t size;   /* bytes, as requested */
	uint32_t site;   /* above 0; not checked against the nodes of the image */
	uint32_t moment; /* 29 bits, see moments.h */
};

/* log2 of the bytes of addresses that a slot stands for. A leaf begins at a multiple of what
 * LEAF_SLOTS of them are. */
unsigned live_each_shift(const struct image_file *image, uint32_t space);

/* Calls `visit` with 1 to LEAF_SLOTS blocks of one leaf of a space (enum leaf_space, not checked)
 * at a time, each block once, in no order. The blocks are gone when it returns. `progress` may be
 * NULL. */
void live_each(const struct image_file *image, struct progress *progress,
	void (*visit)(
		void *context, uint32_t space, const struct image_block *blocks, size_t count),
	void *context);

#endif
