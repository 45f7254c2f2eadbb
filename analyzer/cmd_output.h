/* Where a report goes: standard output, or a file that is there completely or not at all. */
#ifndef LEAK_CMD_OUTPUT_H
#define LEAK_CMD_OUTPUT_H

#include "error.h"

#include <stdbool.h>
#include <stdio.h>

struct cmd_output {
	FILE *out;
	char *path;      /* NULL: standard output */
	char *temporary; /* what is renamed to `path`; NULL: written directly (a device, a pipe) */
};

/* Whether what is written there would be shown on a terminal. NULL: standard output. */
bool cmd_output_is_terminal(const char *path);

/* Opens what will become the file at `path`, or standard output when path is NULL. Returns 0, or -1
 * with a sentence. */
int cmd_output_open(struct cmd_output *file, const char *path, struct error *error);

/* The same, but what is wrong is printed: they return EXIT_OK or EXIT_NOT_MEASURED. */
int cmd_output_begin(struct cmd_output *file, const char *path);
int cmd_output_finish(struct cmd_output *file, const char *path);

/* The columns to stay within; 0 (no limit) when the output is not a terminal. */
int cmd_output_width(const struct cmd_output *file);

/* Puts the file in its place, and releases `file`. When something could not be written, whatever
 * was there before stays, and -1 comes with a sentence. Standard output is left to main. */
int cmd_output_close(struct cmd_output *file, struct error *error);

#endif
