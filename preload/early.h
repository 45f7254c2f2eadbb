/*
 * Memory for callers that come before we exist: an IFUNC resolver of a library may call malloc
 * before the loader has relocated libleak.so, when no pointer, no GOT entry and no thread-local
 * variable of ours works yet. A bump arena inside our own .bss serves them; its blocks are never
 * reused and are recognised by address for ever.
 */
#ifndef LEAK_EARLY_H
#define LEAK_EARLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed memory, aligned to `align` (a power of two); NULL when the arena is full. Works before
 * relocation: no libc, no GOT, no thread-local storage. Any thread. */
void *early_alloc(size_t size, size_t align);

#define EARLY_BYTES (64 * 1024)
extern char early_arena[EARLY_BYTES] __attribute__((visibility("hidden")));

static inline bool early_owns(const void *block)
{
	return (uintptr_t)block - (uintptr_t)early_arena < EARLY_BYTES;
}

/* The size that was asked for. The block must be owned. */
size_t early_size(const void *block);

/* How many blocks were handed out so far. */
uint64_t early_count(void);

#endif
