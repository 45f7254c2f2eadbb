/* How the program can still get at its blocks, from an image's latest check to the model. */
#ifndef LEAK_LOAD_PATHS_H
#define LEAK_LOAD_PATHS_H

#include "image_checks.h"
#include "image_tables.h"
#include "load_image.h"
#include "model.h"

/* How the image's numbers become the model's. */
struct path_names {
	void *context;
	/* The frame of a node, 0: none. */
	uint32_t (*frame)(void *context, uint32_t node);
	/* The site of a number and class; false when there is none. */
	bool (*site)(void *context, uint32_t number, enum site_class class, size_t *ret_site);
	const struct image_tables *tables;
	const uint32_t *model_modules; /* by module number */
	uint32_t machine;              /* ELF e_machine */
};

/* Adds the paths of one process to the model. Rows that make no path are left out. */
void load_paths(struct model *model, const struct process *process,
	const struct image_checks *checks, const struct path_names *names);

/* Finds the block that an address is in, of several the innermost. */
void load_paths_asked(struct asked *ret, const struct image_file *image, uint64_t address,
	const struct path_names *names);

#endif
