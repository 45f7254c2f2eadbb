/*
 * Through what the blocks of the process are kept (paths=1): what only the process itself knows is
 * noted before the scan, and the words that the scan ended at are described after it, in the
 * process or in a forked copy of it.
 */
#ifndef LEAK_CHECK_PATHS_H
#define LEAK_CHECK_PATHS_H

#include "preload/check_roots.h"
#include "preload/path_list.h"
#include "preload/root_place.h"

struct check_region {
	uint64_t start, end;
	uint32_t site, kind; /* enum region_kind */
};

/* Zeroed: no paths are wanted. */
struct check_paths {
	bool wanted;
	struct path_list list; /* what came out */
	struct root_places places;
	const struct roots_caller *caller;
	const struct stop *stop;
	int caller_tid;
	struct check_region *regions;
	size_t region_count;
	uint64_t *sites;               /* a bit for each that has blocks */
	uint64_t site_count, site_end; /* all are below it */
	uint32_t frames_left;          /* that may be walked */
};

/* Notes what must be known; `roots` are gathered and outlive it, like the others. Other threads
 * hold still. False when there is no memory. */
bool check_paths_gather(struct check_paths *ret, const struct roots *roots, const struct stop *stop,
	const struct roots_caller *caller);

/* There is a block of this site. */
static inline void check_paths_site(struct check_paths *paths, uint32_t site)
{
	uint64_t bit = 1ull << site % 64;

	paths->site_count += !(paths->sites[site / 64] & bit);
	paths->sites[site / 64] |= bit;
	if (site >= paths->site_end)
		paths->site_end = (uint64_t)site + 1;
}

/* Rows that there should be room for, before the paths are known. */
uint64_t check_paths_guess(const struct check_paths *paths);

/* Finds the paths. The scan is finished; so many addresses were given to it before the roots: of
 * blocks that the program asked not to report, and of those that the allocator made for itself.
 * Paths that there is no memory for are counted. */
void check_paths_find(
	struct check_paths *paths, struct reach *reach, uint64_t ignored, uint64_t inner);

#endif
