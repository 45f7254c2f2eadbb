/* Which blocks of the process of a core are lost: the check that preload/check.h makes, by its
 * reader. */
#ifndef LEAK_CORE_CHECK_H
#define LEAK_CORE_CHECK_H

#include "image_checks.h"
#include "image_tables.h"
#include "progress.h"

struct core_check_options {
	uint64_t now_ns;     /* when the core was written, by the image's clock */
	const char *sysroot; /* stands before the paths that the core names; NULL: none */
	struct progress *progress;
	bool paths;       /* of each call site, with image_checks_add_paths */
	uint64_t path_of; /* and of the block at this address; 0: of no other */
};

/* Scans the core at `path`, in which, or beside which, the image was found, and adds what came out
 * to `checks` as the latest check. Where the core's memory and the image are not of one moment, the
 * check that is added has failed. */
void core_check(struct image_checks *checks, const char *path, const struct image_file *image,
	const struct image_tables *tables, const struct core_check_options *options);

#endif
