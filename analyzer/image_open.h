/* From what a user names to an image: an image file, the pid of a running process, a core file. */
#ifndef LEAK_IMAGE_OPEN_H
#define LEAK_IMAGE_OPEN_H

#include "image_file.h"

/* Finds, opens and checks the image that `name` stands for. `sysroot` (may be NULL) stands before
 * the paths that a core names. Returns 0, or -1 with a sentence in `error` that does not repeat the
 * name. Release with image_close in both cases. */
int image_open(
	struct image_file *image, const char *name, const char *sysroot, struct error *error);

#endif
