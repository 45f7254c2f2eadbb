/* A stack as lines for a person: library frames and recursion folded, the place to look at marked.
 */
#ifndef LEAK_TEXT_STACK_H
#define LEAK_TEXT_STACK_H

#include "render.h"

/* Escape sequences, empty without colour. */
struct text_colors {
	const char *bold, *dim, *place, *warn, *off;
};

const struct text_colors *text_colors_for(bool color);

/* Writes the stack of a site, one frame a line. Sets `ret_unnamed` (one for each module) where a
 * frame that is shown has no name, or the one that is marked no source line. */
void text_stack_write(const struct model *model, const struct site *site,
	const struct render_options *options, bool *ret_unnamed, FILE *out);

#endif
