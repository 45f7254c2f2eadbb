/* The command line of valgrind's memcheck, as leak-valgrind takes it. */
#ifndef LEAK_CMD_VALGRIND_OPTIONS_H
#define LEAK_CMD_VALGRIND_OPTIONS_H

#include "error.h"
#include "options.h"
#include "render_valgrind.h"

/* Where one of the two outputs goes. */
struct valgrind_output {
	const char *file;   /* a name with %p, %n and %q{VAR}; NULL: none */
	const char *socket; /* HOST[:PORT]; NULL: none */
	int fd;             /* without both; -1: not given */
};

struct valgrind_settings {
	struct render_valgrind render;
	const char *tool;
	struct valgrind_output log, xml;
	bool wants_xml;
	bool trace_children;
	bool keeps_libc;    /* --run-libc-freeres=no: what libc holds for itself counts */
	int error_exitcode; /* 0: the program's own */
	struct text_list suppressions;
	struct text_list ignored; /* options that mean nothing here */
	bool version, help;
	char **command; /* NULL-terminated, of the caller's arguments; empty: none was given */
};

/* Reads the arguments (NULL-terminated, without the program's own name) up to the command's name.
 * Returns 0, or -1 with a sentence. Release with valgrind_settings_free in both cases. */
int valgrind_settings_parse(
	struct valgrind_settings *settings, char **arguments, struct error *error);

void valgrind_settings_free(struct valgrind_settings *settings);

#endif
