/*
 * Through which word each block was reached, with REACH_PATHS: one 8-byte note for a block.
 */
#ifndef LEAK_REACH_PATHS_H
#define LEAK_REACH_PATHS_H

#include "preload/reach_scan.h"

/* Notes: a word in memory, which is aligned; or one that was at hand. */
#define REACH_FROM_MEMORY 1u
#define REACH_FROM_HAND 2u

static inline uint64_t reach_from_memory(uint64_t address)
{
	return address | REACH_FROM_MEMORY;
}

static inline uint64_t reach_from_hand(uint64_t number)
{
	return number << 3 | REACH_FROM_HAND;
}

/* A block gets its class by this word. */
static inline void reach_paths_note(
	const struct reach *reach, const struct reach_hit *block, uint64_t from)
{
	unsigned page = reach_page_number(block->start);

	if (reach->map.flags & REACH_PATHS)
		block->unit->more[page].paths[block->record - block->unit->pages[page].records] =
			from;
}

#endif
