/* What `leak top` shows: a few lines about the process, then the table of call sites. */
#ifndef LEAK_TOP_TABLE_H
#define LEAK_TOP_TABLE_H

#include "follow.h"
#include "growth.h"

#include <stdio.h>

struct top_table {
	const struct model *model;
	const struct growth *growth;
	struct follow_memory memory;
	int pid;    /* as seen from here; 0: the process's own */
	int width;  /* columns to stay within, 0: as wide as it gets */
	int height; /* lines to stay within, 0: as many as there are */
	size_t top; /* rows of blocks, and of regions, at most */
	bool color;
	bool keys; /* the last line lists the keys */
	bool help; /* what the columns and keys mean, instead of the table */
	bool paused;
	enum growth_sort sort;
	const char *interval; /* as given */
};

/* How many rows of blocks, or of regions, the table can show at most. */
size_t top_table_rows(const struct top_table *table);

/* Writes the lines. */
void top_table_write(const struct top_table *table, FILE *out);

#endif
