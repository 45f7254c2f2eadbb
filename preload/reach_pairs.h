/*
 * Who loses the indirectly lost blocks: pairs of their site and the site of the block that loses
 * them, with sums. Made from the results of a scan, by whoever wants them.
 */
#ifndef LEAK_REACH_PAIRS_H
#define LEAK_REACH_PAIRS_H

#include <stddef.h>
#include <stdint.h>

#include "preload/image_format.h"

struct reach_pairs {
	struct image_indirect *rows; /* open addressing; site 0: free */
	size_t capacity, count;
	void *(*allocate)(void *context, size_t size); /* as in struct reach_view */
	void *context;
	uint64_t lost_bytes, lost_blocks; /* of pairs that found no memory */
};

/* Adds one block. */
void reach_pairs_add(
	struct reach_pairs *pairs, uint32_t site, uint32_t leader_site, uint64_t bytes);

#endif
