/* A comparison of two models as text, and for machines. */
#ifndef LEAK_RENDER_DIFF_H
#define LEAK_RENDER_DIFF_H

#include "diff.h"
#include "render.h"

/* For people: at most `top` rows of what grew, and of what shrank. */
void render_diff_text(
	const struct diff *diff, const struct render_options *options, size_t top, FILE *out);

/* Schema leak-diff/1, as analyzer/leak.1 describes it: at most `top` rows, those that changed most
 * in either direction. */
void render_diff_json(const struct diff *diff, size_t top, FILE *out);

#endif
