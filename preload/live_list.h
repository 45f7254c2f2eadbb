/*
 * The live blocks in the order of their addresses, for a check for lost blocks. Other threads hold
 * still.
 */
#ifndef LEAK_LIVE_LIST_H
#define LEAK_LIVE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/check_memory.h"
#include "preload/image_format.h"

/* A leaf of the live index. */
struct live_leaf {
	uint64_t base;
	const uint64_t *slots;
	enum leaf_space space;
};

struct live_list {
	struct live_leaf
		*leaves; /* first those of the heap, then those of pools, by address each */
	size_t count;
	size_t heap_count; /* of these the heap's */
	struct check_memory *memory;
};

struct live_entry {
	uint64_t address, size;
	uint32_t site;
	uint32_t moment;
	enum leaf_space space;
};

/* Lists the leaves. False when there is no memory. */
bool live_list_make(struct live_list *ret, struct check_memory *memory);

/* Calls `visit` with every block in the order of addresses, until it returns false. Blocks that
 * hold blocks of the program's own pools, and what would overlap an earlier one, go to `left_out`
 * instead. False when `visit` was, or there is no memory. */
bool live_list_each(const struct live_list *list,
	bool (*visit)(void *context, const struct live_entry *block),
	void (*left_out)(void *context, const struct live_entry *block), void *context);

/* The number of a block's slot in its leaf, the leaf's base, and its space: `even`, which is the
 * heap's or that of pools, or the next one. */
unsigned live_list_slot(
	enum leaf_space even, uint64_t address, uint64_t *ret_base, enum leaf_space *ret_space);

#endif
