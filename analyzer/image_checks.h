/*
 * The checks for lost blocks that an image holds, and the class of each block by the latest one
 * that came to an end. An index of its rows is kept in memory, 16 bytes for each leaf of the live
 * index; the classes themselves stay in the image.
 */
#ifndef LEAK_IMAGE_CHECKS_H
#define LEAK_IMAGE_CHECKS_H

#include "image_file.h"

#define CLASS_WINDOW 16u /* rows that are read at once: they lie as the leaves do */

/* Where the classes of a leaf's blocks are. */
struct class_place {
	uint64_t key;    /* base of the leaf | space */
	uint64_t offset; /* of the row in the image; of a check of a core: its number in `made` */
};

struct image_checks {
	const struct image_file *image;
	struct image_check *rows; /* by rising number; state, trigger and the like not checked */
	size_t count;
	const struct image_check *done; /* the latest that is DONE and has its rows; or NULL */
	struct class_place *places;     /* by rising key, of `done` */
	size_t place_count;
	struct image_leaf_classes window[CLASS_WINDOW]; /* as last read */
	uint64_t window_offset;
	size_t window_rows;
	/* The results of a check of a core; NULL: they are in the image. */
	struct image_leaf_classes *made;
	struct image_indirect *made_indirect;
	size_t made_indirect_count;
	struct image_path *made_paths;
	size_t made_path_count;
	bool unsure; /* the core is not complete: what seemed lost has no class */
};

/* Lists the checks; with `classes` the rows of the latest DONE one, too. `image` must outlive it.
 */
void image_checks_read(
	struct image_checks *checks, const struct image_file *image, bool with_classes);
void image_checks_free(struct image_checks *checks);

/* Adds a check that the reader made (core_check.h), as the latest one; takes over both lists, which
 * are from malloc or NULL. Its number is set here. */
void image_checks_add(struct image_checks *checks, const struct image_check *row,
	struct image_leaf_classes *leaves, size_t leaf_count, struct image_indirect *indirect,
	size_t indirect_count);

/* Adds paths to the check that was added last; takes over the list. */
void image_checks_add_paths(struct image_checks *checks, struct image_path *rows, size_t count);

/* The nibbles of the leaf that has this base (struct image_leaf_classes), LEAF_SLOTS / 2 bytes;
 * NULL when the check has no row for it. They stay valid until the next call. */
const uint8_t *image_checks_leaf(struct image_checks *checks, uint32_t space, uint64_t base);

/* The first moment of which a block's class is not known, 0 without a check. A clock that has run
 * out of moments tells no block from a later one. */
uint32_t image_checks_end(const struct image_checks *checks);

/* Calls `visit` with each row (struct image_indirect) of the latest DONE check. Its numbers are not
 * checked. */
void image_checks_indirect(const struct image_checks *checks,
	void (*visit)(void *context, uint64_t index, const void *row), void *context);

/* The same with the rows of paths (struct image_path). */
void image_checks_paths(const struct image_checks *checks,
	void (*visit)(void *context, uint64_t index, const void *row), void *context);

#endif
