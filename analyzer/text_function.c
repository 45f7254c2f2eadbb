/* Called by the renderers, the table of leak top, and the verdict, see text_function.h. */
#define _GNU_SOURCE
#include "text_function.h"

#include "memory.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define OFFSET_ROOM 24 /* "+0x", 16 digits */

static char *named(const struct frame *frame, const struct location *location, bool full)
{
	char offset[OFFSET_ROOM] = "", *name = memory_copy(location->function), *text;
	bool has_line = location->file && location->line;

	if (!full)
		text_simplify_cxx(name);
	/* At its start a function is interrupted, or entered by a return: it has called nobody. */
	if (location->offset && !has_line)
		snprintf(offset, sizeof(offset), "+0x%" PRIx64,
			location->offset + !(frame->flags & FRAME_EXACT));
	text = memory_join(name, offset, "");
	free(name);
	return text;
}

char *text_function(const struct model *model, const struct frame *frame,
	const struct location *location, bool full)
{
	char offset[OFFSET_ROOM];

	if (location->function)
		return named(frame, location, full);
	snprintf(offset, sizeof(offset), "%s0x%" PRIx64, frame->module ? "+" : "", frame->offset);
	return frame->module ? memory_join(model->modules[frame->module].name, offset, "")
			     : memory_join("[", offset, "] (no module)");
}
