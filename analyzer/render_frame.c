/*
 * Names and files of frames. Called by the formats for profile viewers. A frame without a name goes
 * by its module and the offset there, so that it is the same in every run.
 */
#define _GNU_SOURCE
#include "render_frame.h"

#include "memory.h"
#include "render_site.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

size_t render_frame_lines(const struct frame *frame)
{
	return frame->symbol ? frame->symbol->count : 1;
}

const struct location *render_frame_line(const struct frame *frame, size_t line)
{
	return frame->symbol ? &frame->symbol->locations[line] : NULL;
}

char *render_frame_name(
	const struct model *model, const struct frame *frame, const struct location *location)
{
	char offset[32];

	if (location && location->function)
		return text_escape(location->function);
	if (frame->module == 0) {
		snprintf(offset, sizeof(offset), "[0x%" PRIx64 "]", frame->offset);
		return memory_copy(offset);
	}
	snprintf(offset, sizeof(offset), "+0x%" PRIx64, frame->offset);
	char *module = text_escape(model->modules[frame->module].name);
	char *name = memory_join(module, offset, "");
	free(module);
	return name;
}

char *render_frame_file(
	const struct model *model, const struct frame *frame, const struct location *location)
{
	struct render_place place = render_place_of(model, frame, location, NULL);
	char *file = place.is_source ? text_escape(place.file) : NULL;

	render_place_free(&place);
	return file;
}
