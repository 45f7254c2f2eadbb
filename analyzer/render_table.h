/* Numbers for what a format lists once and refers to by number: names, functions, frames. */
#ifndef LEAK_RENDER_TABLE_H
#define LEAK_RENDER_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct render_table {
	struct render_entry *entries; /* private to render_table.c */
	struct render_entry **by_number;
	size_t count, capacity;
};

/* The number of these bytes, from 0 on in the order in which they first come. Sets `*ret_new` when
 * this is their first time; NULL: nobody asks. Bytes of padding have to be zero. */
size_t render_table_add(struct render_table *table, const void *bytes, size_t size, bool *ret_new);

/* The same of a text. */
size_t render_table_add_text(struct render_table *table, const char *text);

/* The bytes of a number that was given, and a NUL behind them. The table's own. */
const char *render_table_text(const struct render_table *table, size_t number);

void render_table_free(struct render_table *table);

#endif
