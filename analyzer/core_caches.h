/* The chunks that glibc's malloc keeps free without saying so in their neighbours. */
#ifndef LEAK_CORE_CACHES_H
#define LEAK_CORE_CACHES_H

#include "core_words.h"

/* A free chunk that looks used. */
struct idle_chunk {
	uint64_t address; /* of the chunk, not of its contents */
	uint64_t size;
	bool fast; /* in a fast bin, else in a thread's cache */
};

struct core_caches {
	struct idle_chunk *idle;
	size_t count, capacity;
	size_t threads; /* caches that were found */
};

/* Looks whether a chunk in use is a thread's cache (struct tcache_perthread_struct), and takes its
 * contents if so. The first thing in a heap is mostly one: that is taken for an empty cache where
 * others are not. */
void core_caches_offer(struct core_caches *caches, struct core_words *words, uint64_t chunk,
	uint64_t size, bool first);

/* Takes the contents of the FAST_BINS fast bins at `bins`, each at most `most` chunks long. */
void core_caches_fast(
	struct core_caches *caches, struct core_words *words, uint64_t bins, uint64_t most);

void core_caches_free(struct core_caches *caches);

#endif
