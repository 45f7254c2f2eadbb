/*
 * Memory for a scan, see reach_memory.h: a bump allocator.
 */
#include "preload/reach_memory.h"

#define LEAST_BYTES ((size_t)16 << 10)
/* A little less than a power of two: an allocator's pieces have a head of their own. */
#define MOST_BYTES (((size_t)1 << 20) - 64)

/* A new piece with room for this much; what is left of the last one is lost. An eighth of what
 * there is already: so little is never used, and pieces are few. */
static bool next_piece(struct reach_memory *memory, size_t size)
{
	size_t bytes = memory->all_bytes / 8 < MOST_BYTES
			       ? (size_t)memory->all_bytes / 8 & -LEAST_BYTES
			       : MOST_BYTES;
	char *piece;

	if (size > SIZE_MAX - 64)
		return false;
	size = (size + 63) & ~(size_t)63;
	if (bytes < LEAST_BYTES)
		bytes = LEAST_BYTES;
	if (bytes < size)
		bytes = size;
	piece = memory->view->allocate(memory->view->context, bytes);
	if (!piece && bytes > size) {
		bytes = size;
		piece = memory->view->allocate(memory->view->context, bytes);
	}
	if (!piece)
		return false;
	memory->at = piece;
	memory->end = piece + bytes;
	memory->all_bytes += bytes;
	return true;
}

void *reach_memory_take(struct reach_memory *memory, size_t size, size_t align)
{
	size_t pad = -(uintptr_t)memory->at & (align - 1);
	char *ret;

	if ((size_t)(memory->end - memory->at) < pad ||
		(size_t)(memory->end - memory->at) - pad < size) {
		if (!next_piece(memory, size))
			return NULL;
		pad = 0;
	}
	ret = memory->at + pad;
	memory->at = ret + size;
	return ret;
}

void *reach_memory_grow(struct reach_memory *memory, void *array, size_t size, size_t more)
{
	char *moved;

	if (array && (char *)array + size == memory->at &&
		(size_t)(memory->end - memory->at) >= more) {
		memory->at += more;
		return array;
	}
	/* Not often the same bytes: twice the room that is needed, of which the rest is still free.
	 */
	moved = reach_memory_take(memory, 2 * size + more, 8);
	if (!moved)
		return NULL;
	if (size)
		__builtin_memcpy(moved, array, size);
	memory->at = moved + size + more;
	return moved;
}
