/* The roots of a check for lost blocks in a core (preload/roots.h). */
#ifndef LEAK_CORE_ROOTS_H
#define LEAK_CORE_ROOTS_H

#include "core_file.h"
#include "core_maps.h"
#include "core_modules.h"
#include "core_view.h"
#include "image_tables.h"
#include "preload/roots.h"

/* Where to look. */
struct core_places {
	const struct core_file *core;
	const struct core_modules *modules;
	struct core_maps *maps; /* the main heap's row gets its sort */
	const struct image_file *image;
	const struct image_tables *tables;
};

/* Readies the roots for roots_scan. All that is given must outlive them. Returns how many bytes of
 * memory that may have held roots are known to have been left out of the core. */
uint64_t core_roots_gather(
	struct roots *ret, const struct core_places *places, struct core_view *view);

#endif
