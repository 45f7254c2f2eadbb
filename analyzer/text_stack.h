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

/* Writes the stack of a site, one frame a line. */
void text_stack_write(const struct model *model, const struct site *site,
	const struct render_options *options, FILE *out);

#endif
