/*
 * Memory for one check for lost blocks: taken piece by piece, given back all at once. It is ours
 * (own.h), so the check does not look for pointers in it. One thread.
 */
#ifndef LEAK_CHECK_MEMORY_H
#define LEAK_CHECK_MEMORY_H

#include <stddef.h>
#include <stdint.h>

struct check_memory {
	struct check_piece *last; /* pieces, linked backwards */
	char *free, *end;
	uint64_t bytes; /* all pieces */
};

/* Zeroed, aligned to 64 bytes; NULL when there is none. `memory` is a struct check_memory. */
void *check_allocate(void *memory, size_t size);

void check_memory_release(struct check_memory *memory);

#endif
