/* The command line of leak-valgrind, with the options that valgrind takes from elsewhere. */
#ifndef LEAK_CMD_VALGRIND_LINE_H
#define LEAK_CMD_VALGRIND_LINE_H

#include "error.h"

#include <stddef.h>

struct valgrind_line {
	char **arguments; /* NULL-terminated; [0] is the program's own name */
	size_t count, capacity;
	char *texts[3]; /* that words are in */
	size_t text_count;
};

/* Puts what ~/.valgrindrc, VALGRIND_OPTS and ./.valgrindrc say between the program's name and the
 * arguments that it was given. Returns 0, or -1 with a sentence. Release with valgrind_line_free in
 * both cases, after the arguments were used. */
int valgrind_line_read(struct valgrind_line *line, char **arguments, struct error *error);

void valgrind_line_free(struct valgrind_line *line);

#endif
