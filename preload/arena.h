/*
 * Memory of ours that belongs to one process and its image: per-thread indexes, directories, hash
 * buckets. Zeroed, never freed; a forked child forgets its copy and starts afresh.
 */
#ifndef LEAK_ARENA_H
#define LEAK_ARENA_H

#include <stddef.h>
#include <stdint.h>

/* Zeroed memory aligned to 64 bytes; NULL when there is none. Lock-free, any thread, also in a
 * signal handler. Pages are touched only as they are used. */
void *arena_alloc(size_t size);

/* The same for memory that is about to be used all over, as hash tables are: large ones get all
 * their pages at once, which costs a tenth of a page fault each. */
void *arena_alloc_dense(size_t size);

/* In a forked child. */
void arena_forget(void);

#endif
