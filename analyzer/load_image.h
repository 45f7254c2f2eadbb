/* From an image to the model. */
#ifndef LEAK_LOAD_IMAGE_H
#define LEAK_LOAD_IMAGE_H

#include "error.h"
#include "model.h"
#include "progress.h"

struct load_options {
	uint64_t older_ns;   /* count only blocks at least this old into the sites; 0: all */
	const char *sysroot; /* stands before the paths that a core names; NULL: none */
	struct progress *progress;
	bool no_threads;         /* leave out which threads allocate at a site */
	bool intervals;          /* tell apart what was made between marks */
	bool no_classes;         /* no block has a class, a site is one site (for following it) */
	bool idle_sites;         /* also call sites that hold nothing now */
	bool paths;              /* into the model's paths */
	uint64_t path_of;        /* of a core, also of the block at this address; 0: of none */
	struct asked *ret_asked; /* what is at that address; NULL: nobody asks */
};

/* The block at an address. */
struct asked {
	bool found;
	uint64_t address, size;
	size_t site; /* index into the model's sites, SIZE_MAX: none */
};

/* Adds the process of the image that `path` stands for (see image_open.h) to the model and merges
 * its sites. Returns 0, or -1 with a sentence in `error` when not even the header can be read, or 1
 * with a sentence when the process is in the model already and one of both is a snapshot; then the
 * model is unchanged. */
int load_image(struct model *model, const char *path, const struct load_options *options,
	struct error *error);

#endif
