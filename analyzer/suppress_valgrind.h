/* Valgrind's suppressions: entries in braces, of which those for memcheck's leaks count. */
#ifndef LEAK_SUPPRESS_VALGRIND_H
#define LEAK_SUPPRESS_VALGRIND_H

#include "suppress_text.h"

/* Reads the entries of a text, the first line of which is the current one. Returns 0, or -1. */
int suppress_valgrind_parse(struct suppress_text *text, struct error *error);

/* Valgrind's match of a pattern with a text: * and ?, all of it. */
bool suppress_valgrind_match(const char *pattern, const char *text);

#endif
