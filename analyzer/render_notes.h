/* What a reader must know about the quality of a report. */
#ifndef LEAK_RENDER_NOTES_H
#define LEAK_RENDER_NOTES_H

#include "render.h"

/* Writes one line for everything that was not recorded or cannot be named. `unnamed`: for each
 * module whether a frame of it was shown without a name. */
void render_missing(const struct model *model, const struct render_options *options,
	const bool *unnamed, FILE *out);

/* The same after an empty line, and what the recording and its check took. */
void render_notes(const struct model *model, const struct render_options *options,
	const bool *unnamed, FILE *out);

/* Begins a note; the caller ends the line. */
void render_note(const struct render_options *options, FILE *out);

/* "note: [PID] COUNT TEXT", nothing when the count is 0. */
void render_count(const struct render_options *options, const struct process *process,
	uint64_t count, const char *text, FILE *out);

#endif
