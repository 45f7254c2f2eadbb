/* Which image files a command is about. */
#ifndef LEAK_IMAGE_LIST_H
#define LEAK_IMAGE_LIST_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct image_item {
	char *path;
	size_t operand; /* which operand it came from; 0 when there was none */
	dev_t device;   /* with `inode`: which file it is; both 0 when it is not there */
	ino_t inode;
};

struct image_list {
	struct image_item *items;
	size_t count, capacity;
};

/* Fills the list: files as they are, of a directory every *.leak by name; without operands the
 * newest *.leak here, a snapshot only where there is nothing else. A file that is named twice is
 * there once. Returns 0, or -1 with a sentence; `error_path` (may be "") says about what.
 */
int image_list_fill(struct image_list *list, const char *const *operands, size_t count,
	const char **error_path, struct error *error);

/* Whether the file at `path` is one of the list's, by whatever name. */
bool image_list_has(const struct image_list *list, const char *path);

void image_list_free(struct image_list *list);

#endif
