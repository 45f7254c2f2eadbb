/* Lines of a suppression file, and what its comments say of the entry below them. */
#ifndef LEAK_SUPPRESS_TEXT_H
#define LEAK_SUPPRESS_TEXT_H

#include "suppress.h"

#define SUPPRESS_LINE_MAX 65536 /* bytes; C++ names with all their templates are long */

struct suppress_text {
	struct suppressions *set;
	const char *file;
	const char *at, *end;
	unsigned line;        /* of `word` */
	char *word;           /* the line without blanks around it; valid until the next one */
	char *reason, *until; /* of the comments since the last entry; NULL: none */
};

/* The next line that is neither empty nor a comment. Returns 1, 0 at the end, or -1 with a sentence
 * that begins with the line's place. */
int suppress_next(struct suppress_text *text, struct error *error);

/* A new entry of the set that begins at the current line. It takes what the comments say. */
struct suppression *suppress_new(struct suppress_text *text, enum suppression_format format);

/* "FILE:LINE: message", returns -1. */
int suppress_wrong(const struct suppress_text *text, struct error *error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
