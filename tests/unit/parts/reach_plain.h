/*
 * The rules of the scan for lost blocks (preload/reach.h) once more, as plainly as they can be said:
 * one block at a time, one word at a time, no memory to run short of. What the scan says of a random
 * memory is compared with what this one says of the same (reach_world.h). One scan at a time.
 *
 * It is told of blocks and roots as the scan is, but blocks are classed in plain_finish only.
 */
#ifndef LEAK_TESTS_REACH_PLAIN_H
#define LEAK_TESTS_REACH_PLAIN_H

#include "tests/unit/parts/reach_world.h"

#include <stdbool.h>

#define PLAIN_MOST 90000 /* blocks */

struct plain_block {
	struct given given;
	enum reach_class class;
	bool pending;    /* on the stack of those that are to be followed */
	unsigned leader; /* index: into whose clique it came, a leader's, which may be in another one's now */
};

/* Forgets all blocks. `flags` are those of reach_begin. */
void plain_begin(uint32_t flags);

/* At most PLAIN_MOST, in the order of addresses. The first has the index 0. */
void plain_add(struct given given);

/* Roots: the aligned words of [start, end) that are in no block, or a word that is at hand. */
void plain_from(uint64_t start, uint64_t end);
void plain_from_word(uint64_t word);

/* After the last root. */
void plain_finish(void);

/* What came out, by index. */
unsigned plain_count(void);
const struct plain_block *plain_block(unsigned i);

/* The index of the block that a pointer is to or into, -1 when there is none. */
int plain_find(uint64_t word);

/* The leader in whose clique a block is in the end; itself when it is in none. */
unsigned plain_leader(unsigned i);

#endif
