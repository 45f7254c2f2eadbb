/*
 * The address space of a core as a check for lost blocks sees it (preload/map.h), and what is known
 * of memory that the core does not hold.
 */
#ifndef LEAK_CORE_MAPS_H
#define LEAK_CORE_MAPS_H

#include "core_file.h"
#include "core_map.h"
#include "preload/map.h"

/* What memory is that the core was not meant to hold. */
enum core_lack {
	LACK_ZEROS, /* never written to */
	LACK_FILE,  /* as in the file that is mapped, never written to */
	LACK_KEPT,  /* it may be anything: the core's filter left it out */
};

struct core_maps {
	struct map *rows; /* by address, not overlapping, below 2^48 */
	enum core_lack *lacks;
	size_t count;
};

/* Makes the list. The rows of the recorder's tables are of SORT_SYSTEM; no row is of SORT_MALLOC.
 */
void core_maps_make(
	struct core_maps *maps, const struct core_file *core, const struct core_map *map);
void core_maps_free(struct core_maps *maps);

/* The row that an address is in, NULL when there is none. */
const struct map *core_maps_at(const struct core_maps *maps, uint64_t address);

#endif
