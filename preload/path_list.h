/*
 * Through what blocks are kept, after a scan with REACH_PATHS: one path for each call site with
 * reachable blocks and each with possibly reachable ones, as rows of the image. Compiled into both
 * programs. One thread.
 */
#ifndef LEAK_PATH_LIST_H
#define LEAK_PATH_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/image_format.h"
#include "preload/reach.h"

#define PATH_LIST_STEPS 100000000u /* followed in one check, at most */

struct path_list {
	/* The caller's to fill in. */
	struct reach *reach;           /* finished */
	const struct reach_view *view; /* its memory, and memory for the rows */
	uint64_t site_end;             /* all sites are below it */
	uint64_t steps_left;           /* to be followed */
	bool tags;                     /* pointers have marks in their low three bits */
	/* Describes a word that is in no block: fills in a PATH_ROOT row of ROOT_OTHER that has its
	 * address. Returns the word, if it is at hand. */
	uint64_t (*describe)(
		void *context, const struct reach_step *word, struct image_path *ret_row);
	void *context;

	/* What came out. */
	struct image_path *rows;
	size_t count, capacity;
	uint64_t paths;
	uint64_t cut; /* not followed to their ends, or there was no memory */

	struct path_following *following; /* private, like all below */
	uint64_t *seen;                   /* two bits for each site */
};

/* Finds them all. False when there is no memory even to begin. */
bool path_list_find(struct path_list *list);

/* Adds the path of one block of whatever class, by itself or after path_list_find. */
bool path_list_add(struct path_list *list, const struct reach_block *block);

#endif
