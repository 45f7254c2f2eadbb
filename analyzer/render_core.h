/* What a core tells, for people. */
#ifndef LEAK_RENDER_CORE_H
#define LEAK_RENDER_CORE_H

#include "render.h"

/* Writes how the process ended, its threads, and its memory map and heaps: these two only with
 * options->verbose, or when there is nothing better because it was not recorded. Sets
 * `ret_unnamed` as text_stack_write does. */
void render_core(const struct model *model, const struct process *process,
	const struct render_options *options, bool *ret_unnamed, FILE *out);

#endif
