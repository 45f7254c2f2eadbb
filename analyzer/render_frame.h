/* What the formats for profile viewers show of one line of a stack. */
#ifndef LEAK_RENDER_FRAME_H
#define LEAK_RENDER_FRAME_H

#include "model.h"

/* How many lines a frame has: itself, and what was inlined into it. At least 1. */
size_t render_frame_lines(const struct frame *frame);

/* A line of a frame, the innermost inlined call first. NULL: the frame has no symbol. */
const struct location *render_frame_line(const struct frame *frame, size_t line);

/* The function, else "libx.so+0x1a2b", else "[0x7f…]". Valid UTF-8 without control characters. For
 * the caller to free. */
char *render_frame_name(
	const struct model *model, const struct frame *frame, const struct location *location);

/* The source file, from the root on where that is known; NULL: there is none. Likewise. */
char *render_frame_file(
	const struct model *model, const struct frame *frame, const struct location *location);

#endif
