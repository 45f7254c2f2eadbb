/* Words of a core's memory, one after another: what a walk over a heap or a table reads. */
#ifndef LEAK_CORE_WORDS_H
#define LEAK_CORE_WORDS_H

#include "core_file.h"

/* A window on the memory, which moves along. */
struct core_words {
	const struct core_file *core;
	uint64_t start; /* what lies in `bytes` */
	size_t size;
	uint64_t left; /* words that may still be asked for, see core_words_init */
	unsigned char bytes[1 << 16];
};

/* Starts at the beginning. The words that may be read are limited: an honest core has each byte of
 * memory once, a hostile one may have segments without number over the same bytes. */
void core_words_init(struct core_words *words, const struct core_file *core);

/* The word at `address`. False when the core does not have it, or all that may be read has been.
 * The window moves to `address` when it has to: for walks that go on from there. */
bool core_words_get(struct core_words *words, uint64_t address, uint64_t *ret);

/* The same without moving the window: for a look elsewhere. */
bool core_words_peek(struct core_words *words, uint64_t address, uint64_t *ret);

#endif
