/*
 * Memory for a scan: from the view's allocate, in growing pieces, never given back one by one.
 */
#ifndef LEAK_REACH_MEMORY_H
#define LEAK_REACH_MEMORY_H

#include "preload/reach.h"

struct reach_memory {
	const struct reach_view *view;
	char *at, *end;     /* what is left of the last piece: zeros */
	uint64_t all_bytes; /* of all pieces */
};

/* Zeroed; aligned to `align`, a power of two up to 64. NULL when there is none. */
void *reach_memory_take(struct reach_memory *memory, size_t size, size_t align);

/* An array of 8-byte words that has `size` bytes, with room for `more`: where it is, when it was
 * what was taken last, else a copy of it. NULL when there is no memory: the old one is as it was.
 */
void *reach_memory_grow(struct reach_memory *memory, void *array, size_t size, size_t more);

#endif
