/*
 * Suppressions: what a report leaves out because somebody said so, in LeakSanitizer's or valgrind's
 * format. A set is read from texts, then applied to a model whose sites have their names.
 */
#ifndef LEAK_SUPPRESS_H
#define LEAK_SUPPRESS_H

#include "error.h"
#include "model.h"

#include <stdbool.h>
#include <stddef.h>

enum suppression_format { SUPPRESSION_LSAN, SUPPRESSION_VALGRIND };

/* One line of a valgrind entry's stack. */
enum suppression_place { PLACE_FUNCTION, PLACE_OBJECT, PLACE_SOURCE, PLACE_ANY /* "..." */ };

struct suppression_line {
	enum suppression_place place;
	char *pattern; /* with * and ?; of the source: a file's last part */
	unsigned line; /* of the source; 0: any */
};

struct suppression {
	char *name; /* LeakSanitizer: the pattern as written; valgrind: the entry's name */
	const char *file;
	unsigned line; /* where it begins */
	enum suppression_format format;
	bool built_in;
	unsigned kinds; /* CLASS_BIT of what it may hide */
	char *reason;   /* of a comment above it, NULL: none */
	char *until;    /* the same, the last day that it is meant for: "2026-12-31" */
	struct suppression_line *lines; /* valgrind's */
	size_t line_count, line_capacity;

	/* What it hid when the set was applied: it was the first that matched. */
	struct amount hidden;
	size_t hidden_sites;
	/* What it matched, also where another one was first (suppress_measure). */
	struct amount matched;
	size_t matched_sites;
	size_t own_sites;     /* of these, ones of suppress_site_counts */
	size_t foreign_sites; /* of these, ones that it matched by a system library's path or file
			       */
};

struct suppressions {
	struct suppression *items;
	size_t count, capacity;
	char **files; /* that were read, in their order */
	size_t file_count, file_capacity;
	char **warnings; /* "FILE:LINE: what is odd there" */
	size_t warning_count, warning_capacity;
};

void suppress_init(struct suppressions *set);
void suppress_free(struct suppressions *set);

/* Adds the entries of a text of either format, told apart by its first line. `file` is what it is
 * called. Returns 0, or -1 with "FILE:LINE: what is wrong there" in `error`; then some of its
 * entries may have been added. */
int suppress_parse(struct suppressions *set, const char *file, const char *text, size_t length,
	struct error *error);

/* The same with a file; "FILE: why" when it cannot be read. */
int suppress_read(struct suppressions *set, const char *path, struct error *error);

/* Adds the built-in entries, and their text. */
void suppress_add_built_in(struct suppressions *set);
extern const char suppress_built_in[];

/* Whether a text is a day, "2026-12-31". */
bool suppress_is_date(const char *text);

/* Whether the day that an entry is meant for is over. */
bool suppression_is_expired(const struct suppression *entry);

/* CLASS_BIT of what some entry may hide: nobody looks at the stacks of other sites. */
unsigned suppress_kinds(const struct suppressions *set);

/* Makes what entries match CLASS_SUPPRESSED: whole sites, with what is only lost through them, and
 * moves it in the processes' totals. Sites may be added. Call it once, when the sites of
 * suppress_kinds have their symbols and equal ones are merged. */
void suppress_apply(struct suppressions *set, struct model *model);

/* Finds out what each entry matches by itself. Call it before suppress_apply. */
void suppress_measure(struct suppressions *set, const struct model *model);

/* Whether a site has losses of its own: others are shown with those, or are not lost. */
bool suppress_site_counts(const struct site *site);

/* For the parsers: notes something odd that is no error. */
void suppress_warn(struct suppressions *set, const char *file, unsigned line, const char *text);

#endif
