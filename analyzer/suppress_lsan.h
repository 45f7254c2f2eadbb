/* LeakSanitizer's suppressions: "leak:PATTERN", one a line. */
#ifndef LEAK_SUPPRESS_LSAN_H
#define LEAK_SUPPRESS_LSAN_H

#include "suppress_text.h"

/* Reads the lines of a text, the first of which is the current one. Returns 0, or -1. */
int suppress_lsan_parse(struct suppress_text *text, struct error *error);

#endif
