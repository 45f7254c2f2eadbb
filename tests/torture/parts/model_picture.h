/*
 * An image of the model program, or of a child of its, in memory: its blocks and regions, and which
 * of the model's functions their frames are in.
 */
#ifndef LEAK_TESTS_MODEL_PICTURE_H
#define LEAK_TESTS_MODEL_PICTURE_H

#include "analyzer/image_tables.h"
#include "analyzer/live_each.h"
#include "tests/torture/parts/model_log.h"

#include <stdbool.h>
#include <sys/types.h>

struct picture_block {
	struct image_block image;
	bool explained; /* the model has it */
};

struct picture {
	struct image_file image;
	struct image_tables tables;
	struct picture_block *blocks; /* by rising address */
	size_t count, capacity;
	struct image_region *regions;
	size_t region_count, region_capacity;
	uint64_t allocs, frees; /* of all threads */
};

/* The model's functions by their numbers. */
extern const char *const picture_names[MODEL_FUNCTION_COUNT];

/* Ends the harness when the image of this name cannot be read. */
void picture_open(struct picture *picture, const char *name);
void picture_close(struct picture *picture);

/* The block with this address, NULL when there is none. */
struct picture_block *picture_find(struct picture *picture, uint64_t address);

/* The address that a frame's call is at; 0 when there is no such frame. */
uint64_t picture_call(const struct picture *picture, uint32_t node);

/* The frame that called this one; 0 when there is none. */
uint32_t picture_outer(const struct picture *picture, uint32_t node);

/* The number of the model's function that a frame is in, -1 when it is another's. */
int picture_function(const struct picture *picture, uint32_t node);

/* Writes the names of up to 14 frames, innermost first, each behind a space. */
void picture_path(const struct picture *picture, uint32_t node, char ret[512]);

#endif
