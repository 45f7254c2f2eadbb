/* Through what the blocks of a core are kept, after a scan with REACH_PATHS. */
#ifndef LEAK_CORE_PATHS_H
#define LEAK_CORE_PATHS_H

#include "core_roots.h"

struct core_paths_wish {
	const struct core_places *places;
	struct roots *roots;   /* scanned */
	struct reach *reach;   /* finished */
	uint64_t words_before; /* given to the scan before the roots: ignored blocks */
	uint64_t path_of;      /* the address of a block whose path is wanted, too; 0: none is */
	uint32_t heuristics;   /* of the scan */
};

/* Finds the paths; returns their rows, from malloc, as an image has them, but no frame of a stack
 * is told. `*ret_cut`: of so many call sites none could be followed. */
struct image_path *core_paths_find(
	const struct core_paths_wish *wish, size_t *ret_count, uint64_t *ret_cut);

#endif
