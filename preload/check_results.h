/*
 * The results of a check as they go into the image: the class of each block, and who loses the
 * indirectly lost ones. Room is taken before the results are known, because a forked copy of the
 * process, which may find them, cannot take any.
 */
#ifndef LEAK_CHECK_RESULTS_H
#define LEAK_CHECK_RESULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/check_memory.h"
#include "preload/image_format.h"
#include "preload/live_list.h"
#include "preload/path_list.h"
#include "preload/reach.h"
#include "preload/reach_pairs.h"

/* A list of addresses that grows, in the order in which they came. */
struct check_addresses {
	struct check_address_page *first, *last;
};

struct check_address_page {
	struct check_address_page *next;
	uint64_t count, words[62];
};

/* False when there is no memory. */
bool check_addresses_add(
	struct check_addresses *list, struct check_memory *memory, uint64_t address);

uint64_t check_addresses_count(const struct check_addresses *list);

struct check_results {
	struct chunk_header *classes, *indirect, *paths; /* paths may be NULL */
	uint64_t class_rows, indirect_rows, path_rows;   /* room */
	uint64_t used;                                   /* class rows that are begun */
	struct image_leaf_classes *open[SPACE_COUNT];    /* where each space's last block went */
	const struct check_address_page *pools;          /* where the next block of a pool is */
	uint64_t pools_at;
	struct image_check *check;
	struct reach_pairs pairs;
};

/* Takes the room: for all leaves of a list, so many pairs and so many rows of paths, for which
 * there may be none. False when the image cannot grow. */
bool check_results_prepare(struct check_results *ret, const struct live_list *list,
	uint64_t indirect_rows, uint64_t path_rows);

/* Fills it, and the sums in the check's row. `pools` are the blocks of the program's pools, by
 * address. Only the memory of the room and of the row is written to, and `memory`. */
void check_results_fill(struct check_results *results, struct reach *reach,
	struct image_check *check, const struct check_addresses *pools,
	struct check_memory *memory);

/* Fills in the paths, what fits, and their counts in the check's row. Writes only there. */
void check_results_paths(
	struct check_results *results, const struct path_list *list, struct image_check *check);

/* In a forked child. */
void check_results_forget(void);

#endif
