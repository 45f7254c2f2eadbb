/* How the program can still get at its blocks, for people and for machines. */
#ifndef LEAK_RENDER_WHO_H
#define LEAK_RENDER_WHO_H

#include "render.h"

/* One path that is shown. */
struct who_row {
	size_t number;           /* from 1: among all, the largest call site first */
	const struct path *path; /* with its symbols */
};

struct who {
	const struct who_row *rows;
	size_t count;
	size_t left_out;  /* by --top */
	const char *note; /* what is to be said of them; NULL: nothing */
};

void render_who_text(const struct model *model, const struct who *who,
	const struct render_options *options, FILE *out);

/* Schema leak-who-points/1. */
void render_who_json(const struct model *model, const struct who *who, FILE *out);

#endif
