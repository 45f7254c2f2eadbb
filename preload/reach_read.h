/*
 * The memory that a scan looks at, in words. What cannot be read is counted and is zeros.
 */
#ifndef LEAK_REACH_READ_H
#define LEAK_REACH_READ_H

#include "preload/reach_scan.h"

/* The bytes at `at`, 8 or more of `*size`. Both are multiples of 8, and so is what `*size` gets:
 * how many they are, or, with NULL, how many cannot be read. Valid until the next call. */
const unsigned char *reach_read(struct reach *reach, uint64_t at, uint64_t *size);

/* One word, 0 when it cannot be read. False then. */
bool reach_read_word(struct reach *reach, uint64_t at, uint64_t *ret);

/* Has fetched what a block begins with; the processor guesses the rest. Where bytes are is taken to
 * be as for those read last, which costs nothing when it is wrong. */
static inline void reach_fetch(const struct reach *reach, uint64_t at)
{
	uint64_t bytes = at + (uint64_t)reach->bias;

	for (unsigned i = 0; i < 4; i++)
		__builtin_prefetch((const void *)(uintptr_t)(bytes + i * 64));
}

static inline uint64_t reach_word(const unsigned char *bytes)
{
	uint64_t ret;

	__builtin_memcpy(&ret, bytes, sizeof(ret));
	return ret;
}

#endif
