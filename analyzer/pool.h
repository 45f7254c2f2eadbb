/* Memory that is given back all at once. */
#ifndef LEAK_POOL_H
#define LEAK_POOL_H

#include <stddef.h>
#include <stdint.h>

struct pool {
	struct pool_piece *last; /* pieces, linked backwards */
	char *free;              /* in it */
	size_t left;
	uint64_t bytes; /* all pieces */
};

/* Zeroed memory, aligned to 64 bytes; never NULL (memory.h). What is large is not touched. */
void *pool_take(struct pool *pool, size_t size) __attribute__((returns_nonnull));

void pool_free(struct pool *pool);

#endif
