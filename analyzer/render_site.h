/* What the formats for CI say of a call site: where it is, in which words, by which id. */
#ifndef LEAK_RENDER_SITE_H
#define LEAK_RENDER_SITE_H

#include "render.h"

/* A place in the source, or where there is none in a module. */
struct render_place {
	const char *function; /* NULL: unknown */
	char *file;           /* of the source, else of the module; NULL: neither is known */
	bool is_source;       /* `file` is a source file */
	bool below_root;      /* `file` is relative to the source root */
	uint32_t line;        /* 0: unknown */
	uint64_t offset;      /* in the module */
};

/* A location of a frame (NULL: it has no symbol). Release with render_place_free. */
struct render_place render_place_of(const struct model *model, const struct frame *frame,
	const struct location *location, const char *source_root);

/* The same, but never a source file of which nobody knows where it is, as those of the system's
 * libraries: then it is the module. */
struct render_place render_artifact_of(const struct model *model, const struct frame *frame,
	const struct location *location, const char *source_root);

/*
 * Where the site is to be shown: the innermost place in the program's own code that is below the
 * source root, else where a report for people marks it, else the program itself. The site should
 * have its symbols.
 */
struct render_place render_place_of_site(
	const struct model *model, const struct site *site, const char *source_root);

void render_place_free(struct render_place *place);

/* "src/leak.c:9", "src/leak.c", "" where there is no file. For the caller to free; not escaped. */
char *render_place_text(const struct render_place *place);

/* The class that counts: of what is suppressed the one that it would be of without that. What the
 * program itself asked not to report is of CLASS_UNKNOWN. */
enum site_class render_class(const struct site *site);

/* "LEAK001", for ever the same for the same class and kind. */
const char *render_rule(const struct site *site);

/* Whether a row is one for CI: a site that is shown, of blocks or of regions. What the program
 * asked not to report has no stack, and is none. */
bool render_is_result(const struct row *row);

/* The same for blocks only. */
bool render_is_defect(const struct row *row);

/* "300 bytes in 3 blocks definitely lost, allocated by malloc in f". For the caller to free; not
 * escaped. */
char *render_message(const struct site *site, const struct render_place *place);

/* At most `depth` frames, the innermost first, one a line without a newline after the last:
 * "f (src/leak.c:9)". Names are escaped for a terminal. For the caller to free. */
char *render_stack(
	const struct model *model, const struct site *site, const char *source_root, size_t depth);

/*
 * Two sites may share a fingerprint; what has to be unique needs a number, too. For each row: 1 if
 * it is the first with its fingerprint and class, 2 if it is the second... For the caller to free.
 */
size_t *render_ordinals(const struct model *model);

#endif
