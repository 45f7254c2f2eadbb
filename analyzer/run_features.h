/* What an ELF program is made of, as far as it matters to who wants to record it. */
#ifndef LEAK_RUN_FEATURES_H
#define LEAK_RUN_FEATURES_H

#include <stdbool.h>

struct run_features {
	const char *sanitizer; /* "AddressSanitizer", …, that it is built with; NULL: none */
	const char *allocator; /* "jemalloc", …, that it is linked with; NULL: libc's */
	bool has_malloc;       /* it defines malloc itself, in front of whatever is preloaded */
	bool calls_dlmopen;
	bool has_lines;        /* DWARF, in it or in a file that it names */
	bool has_symbols;      /* a full symbol table */
	bool has_unwind_table; /* .eh_frame */
};

/* Reads the program at `path`. False when it is no ELF file that can be
 * read. */
bool run_features_read(const char *path, struct run_features *ret);

/* As run_target_obstacle, and what the program is made of that keeps the recorder from working. */
const char *run_features_obstacle(const char *path);

#endif
