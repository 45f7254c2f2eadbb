/* Classes of blocks for people: how much there is of each, what is lost through what, how it was
 * found out. */
#ifndef LEAK_RENDER_CLASSES_H
#define LEAK_RENDER_CLASSES_H

#include "render.h"

/* A line for each class that there is, also for what is not listed. Nothing where there is only
 * one, and that is listed. */
void render_classes(const struct model *model, FILE *out);

/* What is lost through the blocks of a site, a line for each site of it. */
void render_losses(const struct model *model, const struct site *site,
	const struct render_options *options, FILE *out);

/* Notes on a process that has a check: why classes are not known, or may be other than is told. */
void render_check_doubts(
	const struct render_options *options, const struct process *process, FILE *out);

/* What the check cost the program, one line. Nothing where it was made at the program's end, when
 * nobody waits for it, unless everything is to be told. */
void render_check_cost(
	const struct render_options *options, const struct process *process, FILE *out);

#endif
