/*
 * A made-up memory for the scan for lost blocks: pieces of addresses with bytes of their own, what is
 * mapped there, and an allocator that may fail. There is one at a time. A test makes it, puts words in
 * it, begins a scan with world_view, and ends it. What goes wrong here fails the test.
 */
#ifndef LEAK_TESTS_REACH_WORLD_H
#define LEAK_TESTS_REACH_WORLD_H

#include "preload/reach.h"

#include <stddef.h>
#include <stdint.h>

/* Where things are. */
#define HEAP 0x550000000000
#define ROOTS 0x600000000000
#define TEXT 0x700000000000
#define TABLES 0x710000000000

/* A block as the scan is told of it. */
struct given {
	uint64_t address, size;
};

/* How the memory behaves, which a test sets, and how often it was asked for some. */
struct world {
	uint64_t at_once;              /* read gives no more than this; 0: all that there is */
	unsigned fails_at, fails_each; /* the how-manieth allocation; 0: none */
	size_t most;                   /* no allocation is larger; 0: any is */
	unsigned takes;                /* allocations, less those that were larger */
};

extern struct world world;

/* What the scan sees of it. The bytes that it reads stay only until the next call, as reach.h says. */
extern const struct reach_view world_view;

/* Zeroed bytes; `mapped` are REACH_MAPPED_ bits. Pieces do not overlap. */
void world_map(uint64_t at, uint64_t size, uint32_t mapped);

/* A page of ROOTS; one of TEXT and one of TABLES that are a program's. */
void world_map_program(void);

/* The word must be in one piece. */
void world_put(uint64_t at, uint64_t word);

/* 0 where no piece has all of it. */
uint64_t world_word(uint64_t at);

/* Of the piece there, 0 where none is; `*end` as in struct reach_view. */
uint32_t world_mapped(uint64_t at, uint64_t *end);

/* Gives back what scans have allocated: they are no more. */
void world_release(void);

/* All is as before the first piece. */
void world_end(void);

#endif
