/*
 * How library files report failure: they return -1 and fill a struct error; only main.c and the
 * cmd_*.c files print it, as `leak: FILE: reason`.
 */
#ifndef LEAK_ERROR_H
#define LEAK_ERROR_H

/* Exit statuses of `leak`. 23 is kept for gates over a leak budget. */
enum exit_code {
	EXIT_OK = 0,
	EXIT_FOUND = 1, /* leak suppress lint: something is wrong with the suppressions */
	EXIT_USAGE = 2,
	EXIT_NOT_MEASURED = 3,
	EXIT_GATE = 23
};

struct error {
	char text[1024]; /* one sentence with the cause and the next step, no newline at the end */
};

/* Fills `error` (printf style, cut if longer) and returns -1, so that a failing function can end
 * with `return error_set(...)`. */
int error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
