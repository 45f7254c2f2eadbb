/*
 * A hash table from bytes to numbers. Called by the formats for viewers. Nothing is ever removed.
 */
#include "render_table.h"

#include "memory.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct render_entry {
	UT_hash_handle hh;
	size_t number;
	char bytes[];
};

size_t render_table_add(struct render_table *table, const void *bytes, size_t size, bool *ret_new)
{
	struct render_entry *entry;

	HASH_FIND(hh, table->entries, bytes, size, entry);
	if (ret_new)
		*ret_new = entry == NULL;
	if (entry == NULL) {
		entry = memory_zero(1, sizeof(*entry) + size + 1);
		memcpy(entry->bytes, bytes, size);
		table->by_number = memory_grow(table->by_number, &table->capacity, table->count + 1,
			sizeof(*table->by_number));
		table->by_number[table->count] = entry;
		entry->number = table->count++;
		HASH_ADD(hh, table->entries, bytes, size, entry);
	}
	return entry->number;
}

size_t render_table_add_text(struct render_table *table, const char *text)
{
	return render_table_add(table, text, strlen(text), NULL);
}

const char *render_table_text(const struct render_table *table, size_t number)
{
	return table->by_number[number]->bytes;
}

void render_table_free(struct render_table *table)
{
	struct render_entry *entry, *next;

	HASH_ITER(hh, table->entries, entry, next)
	{
		HASH_DEL(table->entries, entry);
		free(entry);
	}
	free(table->by_number);
	*table = (struct render_table){0};
}
