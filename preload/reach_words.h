/*
 * Words that may be pointers: those in the span of all blocks are looked up, and mark.
 *
 * They are taken in batches: what a look-up reads next is fetched for a whole batch first, because
 * a scan mostly waits for memory.
 */
#ifndef LEAK_REACH_WORDS_H
#define LEAK_REACH_WORDS_H

#include "preload/reach_scan.h"

/* Takes the aligned words of [start, end); how many bytes were read. They are looked up when there
 * are enough of them. */
uint64_t reach_words_range(struct reach *reach, uint64_t start, uint64_t end);

/* Takes a word that is in no memory. */
void reach_words_one(struct reach *reach, uint64_t word);

/* Looks up all that were taken. */
void reach_words_flush(struct reach *reach);

/* Has fetched what the words of a range are going to need. Counts nothing, changes nothing. */
void reach_words_peek(struct reach *reach, uint64_t start, uint64_t end);
void reach_words_peek_flush(struct reach *reach);

#endif
