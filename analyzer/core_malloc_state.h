/* glibc's struct malloc_state in the memory of a core: the head of an arena. */
#ifndef LEAK_CORE_MALLOC_STATE_H
#define LEAK_CORE_MALLOC_STATE_H

#include "core_words.h"

struct malloc_state {
	uint64_t address;      /* of the struct */
	uint64_t end;          /* behind it */
	uint64_t fast;         /* address of its fast bins, FAST_BINS pointers */
	uint64_t top;          /* address of the chunk at the end of the arena */
	uint64_t system_bytes; /* what it has from the system */
};

#define FAST_BINS 10

/* Reads the struct at `address` if there is one. */
bool malloc_state_at(struct core_words *words, uint64_t address, struct malloc_state *ret);

/* Finds the next one in [*address, end), 8-aligned, and moves *address behind it. */
bool malloc_state_find(
	struct core_words *words, uint64_t *address, uint64_t end, struct malloc_state *ret);

#endif
