/* The functions of a site's stack, by names that survive a rebuild. */
#ifndef LEAK_FRAME_NAMES_H
#define LEAK_FRAME_NAMES_H

#include "model.h"

#define FRAME_NAMES_MAX 16

struct frame_names {
	char *names[FRAME_NAMES_MAX]; /* innermost first, each once; the first is "module!function"
				       */
	uint32_t lines[FRAME_NAMES_MAX]; /* of the call, 0: not known */
	size_t count;
};

/* The innermost functions of the program's own code, or, where there is none, of any; those
 * without a name count by module and offset. The site should be symbolized. Release with
 * frame_names_free. */
void frame_names_read(
	struct frame_names *names, const struct model *model, const struct site *site);

void frame_names_free(struct frame_names *names);

#endif
