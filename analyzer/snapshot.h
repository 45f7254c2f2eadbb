/* A file with the image of a running process, as it stood at one instant. */
#ifndef LEAK_SNAPSHOT_H
#define LEAK_SNAPSHOT_H

#include "error.h"
#include "preload/image_format.h"

#include <stdbool.h>

struct snapshot_wish {
	const char *name;   /* of the image, as image_open takes it */
	const char *label;  /* shorter than IMAGE_LABEL_MAX (image_format.h) */
	const char *output; /* NULL: leak.NAME.PID.snapN.leak in the working directory */
	bool truncated;     /* set: what could not be read is missing at its end */
};

/* Whether there is an image of a running process by this name. */
bool snapshot_is_possible(const char *name);

/* Makes the snapshot; never in the place of another file, and completely or not at all. Returns 0,
 * or -1 with a sentence. In both cases the caller frees `ret_path`: where it is, or what the
 * sentence is about. */
int snapshot_take(struct snapshot_wish *wish, char **ret_path, struct error *error);

#endif
