/* Where leak-valgrind writes to: a file for each process or for all, a descriptor, a socket. */
#ifndef LEAK_CMD_VALGRIND_SINK_H
#define LEAK_CMD_VALGRIND_SINK_H

#include "cmd_valgrind_options.h"
#include "error.h"

#include <stdio.h>

struct valgrind_sink {
	struct valgrind_output output;
	FILE *out;  /* NULL: not open */
	char *name; /* of the file that is open */
};

/* The stream for a process. A file that another process has in common is the same stream; a new
 * one is emptied. Returns NULL with a sentence when it cannot be opened. */
FILE *valgrind_sink_open(struct valgrind_sink *sink, int pid, struct error *error);

/* Whether nothing was written yet to what valgrind_sink_open would give. */
bool valgrind_sink_is_new(const struct valgrind_sink *sink, int pid);

void valgrind_sink_close(struct valgrind_sink *sink);

#endif
