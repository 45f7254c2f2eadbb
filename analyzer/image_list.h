/* Which image files a command is about. */
#ifndef LEAK_IMAGE_LIST_H
#define LEAK_IMAGE_LIST_H

#include "error.h"

#include <stddef.h>

struct image_list {
	char **paths;
	size_t count, capacity;
};

/* Fills the list: files as they are, of a directory every *.leak by name; without operands the
 * newest *.leak here. Returns 0, or -1 with a sentence; `error_path` (may be "") says about what.
 */
int image_list_fill(struct image_list *list, const char *const *operands, size_t count,
	const char **error_path, struct error *error);
void image_list_free(struct image_list *list);

#endif
