/* What valgrind's two formats have in common: the loss records of one process and their stacks. */
#ifndef LEAK_RENDER_VALGRIND_H
#define LEAK_RENDER_VALGRIND_H

#include "render.h"

/* As the user of valgrind's command line has them. */
struct render_valgrind {
	const char *const *arguments; /* the tool's own, NULL-terminated; [0] is its name */
	bool sums;                    /* of each class */
	bool full;                    /* and one record after the other */
	bool quiet;                   /* records only */
	bool suppressions;            /* an entry to suppress each record */
	unsigned shown, errors;       /* CLASS_BIT of what is shown, and counts as an error */
	unsigned callers;             /* frames of a stack, with the allocator's; 0: all */
};

/* The options, or those of a report where there are none. */
struct render_valgrind valgrind_options(
	const struct model *model, const struct render_options *options);

/* Every site of blocks, the smallest first: a loss record each. What is suppressed is among them,
 * and counts, but has no text. The caller frees the array. */
const struct site **valgrind_records(const struct model *model, size_t *ret_count);

/* Whether the record is to be written. */
bool valgrind_is_shown(const struct site *site, const struct render_valgrind *options);

/* Its class in valgrind's words; what has none is possibly lost. */
enum site_class valgrind_class(const struct site *site);
bool valgrind_is_error(const struct site *site, const struct render_valgrind *options);

/* "1,000 bytes in 3 blocks are definitely lost in loss record 7 of 7". For the caller to free. */
char *valgrind_headline(const struct site *site, size_t number, size_t count);

struct valgrind_frame {
	uint64_t ip;                 /* as an address of the object; of the allocator: 0 */
	const char *object;          /* NULL: unknown */
	const char *function;        /* demangled; NULL: unknown */
	const char *symbol;          /* as suppressions have it; NULL: unknown */
	const struct module *module; /* NULL: the allocator's */
	bool starts;                 /* the program or a thread: suppressions end before it */
	char *directory;             /* of `file`; NULL: unknown */
	char *file;                  /* without its directory; NULL: unknown */
	uint32_t line;               /* 0: unknown */
};

/* The stack from the allocator to main. Release with valgrind_frames_free. */
struct valgrind_frame *valgrind_frames(
	const struct model *model, const struct site *site, unsigned callers, size_t *ret_count);

void valgrind_frames_free(struct valgrind_frame *frames, size_t count);

#define VALGRIND_ENTRY_NAME "insert_a_suppression_name_here"
#define VALGRIND_ENTRY_LINES 24 /* valgrind reads no more of an entry */

struct valgrind_entry_line {
	const char *kind; /* "fun" or "obj" */
	char *pattern;    /* without a newline in it, that would end the entry */
};

/* The entry of a suppression file for a stack. */
struct valgrind_entry {
	enum site_class class;
	bool gap; /* "..." comes first */
	struct valgrind_entry_line lines[VALGRIND_ENTRY_LINES];
	size_t count;
};

/* Release with valgrind_entry_free. */
void valgrind_entry_make(struct valgrind_entry *entry, const struct site *site,
	const struct valgrind_frame *frames, size_t count);
void valgrind_entry_free(struct valgrind_entry *entry);

/* Lines with "{" first. */
void valgrind_entry_write(const struct valgrind_entry *entry, FILE *out);

#endif
