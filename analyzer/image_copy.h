/* A copy of the image of a process that goes on. */
#ifndef LEAK_IMAGE_COPY_H
#define LEAK_IMAGE_COPY_H

#include "image_file.h"

struct image_copy {
	const char *name;  /* of the image, as image_open takes it */
	const char *label; /* shorter than IMAGE_LABEL_MAX */
	bool truncated; /* set: parts of the image could not be read and are missing at its end */
};

/* Writes the image, as it stands now, to the empty file `fd`, and marks it as a snapshot. `first`
 * is the image, just opened. Holes stay holes. Returns 0, or -1 with a sentence in `error`. */
int image_copy(
	struct image_copy *copy, const struct image_file *first, int fd, struct error *error);

#endif
