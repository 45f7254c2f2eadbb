/*
 * A bump allocator, see pool.h. Called by core_check.c, whose scan takes many small tables and some
 * large ones.
 */
#include "pool.h"

#include "memory.h"

#include <stdlib.h>

#define ALIGNMENT 64u
#define PIECE (1u << 20)

struct pool_piece {
	struct pool_piece *before;
};

static char *add_piece(struct pool *pool, size_t size)
{
	size_t head = sizeof(struct pool_piece) + ALIGNMENT - 1;
	struct pool_piece *piece = memory_zero(size < SIZE_MAX - head ? size + head : SIZE_MAX, 1);

	piece->before = pool->last;
	pool->last = piece;
	pool->bytes += size;
	uintptr_t at = (uintptr_t)(piece + 1) + ALIGNMENT - 1;
	return (char *)(at - at % ALIGNMENT);
}

void *pool_take(struct pool *pool, size_t size)
{
	size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (size > PIECE / 4)
		return add_piece(pool, size);
	if (size > pool->left) {
		pool->free = add_piece(pool, PIECE);
		pool->left = PIECE;
	}
	char *taken = pool->free;
	pool->free += size;
	pool->left -= size;
	return taken;
}

void pool_free(struct pool *pool)
{
	while (pool->last) {
		struct pool_piece *piece = pool->last;
		pool->last = piece->before;
		free(piece);
	}
	*pool = (struct pool){0};
}
