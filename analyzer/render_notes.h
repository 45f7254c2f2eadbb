/* What a reader must know about the quality of a report. */
#ifndef LEAK_RENDER_NOTES_H
#define LEAK_RENDER_NOTES_H

#include "render.h"

/* Writes one line for everything that was not recorded or cannot be named. `unnamed`: for each
 * module whether a frame of it was shown without a name. */
void render_notes(const struct model *model, const struct render_options *options,
	const bool *unnamed, FILE *out);

#endif
