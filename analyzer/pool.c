/*
 * A bump allocator, see pool.h. Called by core_check.c, whose scan takes many small tables and some
 * large ones.
 */
#include "pool.h"

#include "memory.h"

#include <stdlib.h>

#define ALIGNMENT 64u
#define PIECE_LEAST (64u << 10) /* what a small process takes is not worth more */
#define PIECE_MOST (1u << 20)

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
	size_t piece = pool->bytes < PIECE_LEAST  ? PIECE_LEAST
		       : pool->bytes < PIECE_MOST ? pool->bytes
						  : PIECE_MOST;
	if (size > piece / 4)
		return add_piece(pool, size);
	if (size > pool->left) {
		pool->free = add_piece(pool, piece);
		pool->left = piece;
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
