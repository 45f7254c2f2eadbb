/* The command line: one table of options gives the parser and the help. */
#ifndef LEAK_OPTIONS_H
#define LEAK_OPTIONS_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Commands that an option belongs to. */
#define FOR_REPORT 1u
#define FOR_SHOW 2u
#define FOR_RUN 4u
#define FOR_TOP 8u
#define FOR_SNAP 16u
#define FOR_BASELINE 32u
#define FOR_SUPPRESS 64u
#define FOR_CHECK 128u
#define FOR_CI 256u
#define FOR_DOCTOR 512u
#define FOR_DIFF 1024u
#define FOR_ALL 2047u

#define FOR_GATE (FOR_CHECK | FOR_CI)

#define KINDS_NOT_GIVEN (1u << 31)

struct text_list {
	const char **texts;
	size_t count;
};

struct time_span {
	const char *text; /* as typed, with a unit; NULL: not given */
	uint64_t ns;
};

struct settings {
	bool quiet, verbose, help, version;
	bool all, no_symbolize, json, no_default_suppressions;
	const char *color, *format, *output, *group, *sysroot;
	const char *debuginfod;  /* NULL: not asked for; "": use DEBUGINFOD_URLS */
	const char *source_root; /* NULL: to be found out */
	/* Files to write as well, or NULL. */
	const char *html, *sarif, *junit, *gitlab, *markdown, *xml, *pprof;
	struct text_list symbols, filters, suppressions;
	struct text_list against;                         /* leak suppress lint: images */
	const char *entry_format, *site, *reason, *until; /* leak suppress gen; NULL: not given */
	uint64_t depth;                                   /* the same; UINT64_MAX: not given */
	const char *sort, *label;                         /* label NULL: none */
	const char *baseline, *note;                      /* NULL: not given */
	bool no_check;                                    /* leak snap: as it stands */
	const char *who_points; /* NULL: not asked for; "": of the largest sites */
	bool no_baseline, strict, all_programs;
	const char *images;       /* leak ci: where they stay, NULL: nowhere */
	struct text_list fail_on; /* see gate.h */
	uint64_t exitcode;        /* for leaks */
	uint64_t iterations;      /* UINT64_MAX: not given */
	unsigned kinds;           /* CLASS_BIT of what to list, KINDS_NOT_GIVEN: as it suits */
	uint64_t top, count;      /* UINT64_MAX: not given */
	uint64_t limit;           /* percent; 0: not given */
	struct time_span older, interval, wait;
	unsigned command; /* FOR_… whose name comes after these options, 0: not known */
	struct text_list operands;
	struct text_list again; /* given options that a next command repeats, as --name=value */
};

/* Defaults. */
void options_init(struct settings *settings);
void options_free(struct settings *settings);

/*
 * Reads arguments into `settings`. Allowed are the options that are for every command in
 * `commands` (FOR_*): its own and the global ones, or with FOR_ALL only these. They may stand
 * anywhere before "--" unless `stop_at_operand`: then the first operand ends them (`leak run`).
 * Returns 0, or -1 with a sentence that names the option.
 */
int options_parse(struct settings *settings, int count, char **arguments, unsigned commands,
	bool stop_at_operand, struct error *error);

/* How many of the leading arguments are options of FOR_ALL (to find the command after them). */
int options_leading(int count, char **arguments);

/* `title` and one line for each option of the command `command` that is not for every command, or
 * with FOR_ALL for each that is; nothing when there is none. */
void options_help(FILE *out, const char *title, unsigned command);

#endif
