/* The chain of chunks that a heap of glibc's malloc is. */
#ifndef LEAK_CORE_CHUNKS_H
#define LEAK_CORE_CHUNKS_H

#include "core_caches.h"
#include "core_words.h"
#include "model.h"

#define CHUNK_PREV_INUSE 1u
#define CHUNK_IS_MMAPPED 2u
#define CHUNK_FLAGS 7u
#define CHUNK_LEAST 32u /* bytes */

enum chunks_end {
	CHUNKS_TOP,       /* with the top chunk, at the end of the heap */
	CHUNKS_FENCE,     /* with the mark of a heap that another one continues */
	CHUNKS_FOREIGN,   /* the same, but what follows is not malloc's, up to the end */
	CHUNKS_CORRUPT,   /* with a size that cannot be */
	CHUNKS_DIFFERENT, /* with a free chunk whose two sizes differ */
	CHUNKS_MISSING,   /* with memory that the core does not have */
};

struct chunks {
	uint64_t start, end; /* of the heap: where its first chunk is, behind its last byte */
	enum chunks_end how; /* what the walk ended with */
	uint64_t at;         /* the chunk that it ended at */
	uint64_t last;       /* the chunk before that, 0: none */
	uint64_t size_word;  /* what is there as its size */
	struct amount used, free;
	uint64_t top_bytes;
	uint64_t foreign_bytes; /* in between, that are not malloc's */
};

/* Walks from `chunks->start` to `chunks->end` and fills in the rest. `caches` (see
 * core_caches.h; may be NULL) gets those chunks in use that may be a thread's cache. */
void chunks_walk(struct chunks *chunks, struct core_words *words, struct core_caches *caches);

#endif
