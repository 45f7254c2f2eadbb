/*
 * What of the blocks that a check looks at was made since some moment: the answer to "what did this
 * test leak?". Filled while the other threads hold still, by the thread that checks.
 */
#ifndef LEAK_CHECK_SINCE_H
#define LEAK_CHECK_SINCE_H

#include <stdint.h>

#include "preload/check_results.h"
#include "preload/live_list.h"
#include "preload/reach.h"

struct check_since {
	uint64_t moment; /* the first one that counts */
	struct {
		uint64_t bytes, blocks;
	} classes[REACH_CLASS_COUNT], live; /* live: all of them, but those that are not reported */
	struct check_addresses young;       /* their blocks, in the order of addresses */
};

/* Tells of a block, in the order of addresses. False when there is no memory. */
bool check_since_add(
	struct check_since *since, struct check_memory *memory, const struct live_entry *block);

/* When the scan is over: fills the classes. */
void check_since_count(struct check_since *since, struct reach *reach);

#endif
