/* Output formats: a const struct in a render_*.c each, one row each in the table in render.c. */
#ifndef LEAK_RENDER_H
#define LEAK_RENDER_H

#include "model.h"

#include <stdio.h>

#define LEAK_VERSION "0.1" /* as reports name what wrote them */

struct render_valgrind;

struct render_options {
	const char *members; /* json: more of the object, each with a comma before it; or NULL */
	bool color;
	bool verbose;      /* every frame, suppressed sites, exact bytes */
	bool quiet;        /* no word on what to do next */
	int width;         /* columns to stay within, 0: as wide as it gets */
	const char *group; /* as in struct selection */
	const char *next;  /* beginning of the commands to suggest, NULL: too long to repeat */
	const char *source_root; /* absolute: paths below it are written relative to it; or NULL */
	const struct render_valgrind *valgrind; /* for its formats; NULL: as the report suits */
};

struct render_format {
	const char *name; /* as in --format=NAME */
	const char *help;
	bool all_sites;      /* a machine reads it: every site, unless --top says otherwise */
	bool only_sites;     /* it has no rows for groups of sites */
	bool binary;         /* nothing for a terminal */
	bool wants_segments; /* it gives addresses: the modules' segments are to be loaded */
	bool suppressions;   /* it has an entry of a suppression file for each site */
	unsigned kinds; /* CLASS_BIT of what is listed when nobody said; 0: as for any reader */
	/* Writes the whole report. Errors stay in the stream, for the caller to check. */
	void (*render)(const struct model *model, const struct render_options *options, FILE *out);
};

/* The format with this name, NULL when there is none. */
const struct render_format *render_find(const char *name);

/* "text|json|…", the names in the table. */
const char *render_names(void);

#endif
