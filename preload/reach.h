/*
 * The scan for lost blocks: which blocks can still be got at, from memory that is no block (roots)?
 * A pure function over a picture of some memory: this process's own, that of its forked copy, or a
 * core's. Compiled into both programs; knows no libc heap, no system call and no image.
 *
 * The rules are memcheck's (valgrind, memcheck/mc_leakcheck.c):
 * - Every aligned word of the roots, and of blocks that were reached, may be a pointer.
 * - A pointer to a block's start reaches it. One into it (from start + 1 to its last byte) reaches
 *   it *possibly*, unless a heuristic says that compilers and libraries point so. One past its end,
 *   or behind its requested size, reaches nothing. A block of 0 bytes has its start.
 * - What only possibly reached blocks point at is possibly reached. A block that is reached both
 *   ways is reached.
 * - Of the blocks that are not reached at all, some are *leaders*: taken in the order of addresses,
 *   each that is not in an earlier one's clique becomes a leader, and what it points at (in the
 *   same way, and further) is its clique; a leader that is met in a later one's clique joins that.
 *   Leaders are definitely lost, the other blocks of cliques indirectly.
 *
 * One thread at a time for one struct reach.
 */
#ifndef LEAK_REACH_H
#define LEAK_REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Interior pointers that count as pointers to the start: memcheck's --leak-check-heuristics, ... */
#define REACH_STDSTRING (1u << 0) /* to the characters behind libstdc++'s old string head */
#define REACH_LENGTH64 (1u << 1)  /* 8 bytes in, the first 8 being the size less 8 */
#define REACH_NEWARRAY (1u << 2)  /* 8 bytes in, the first 8 being new[]'s element count */
#define REACH_MULTIPLEINHERITANCE (1u << 3) /* to an inner object with a virtual table */
#define REACH_ALIGNED (1u << 4) /* ... and ours: to what was aligned by hand and has the start */
#define REACH_ALL_HEURISTICS 0x1fu

#define REACH_TAGS (1u << 5)  /* words are looked at without their low 3 bits, too */
#define REACH_PATHS (1u << 6) /* notes how each block was reached, in 8 bytes, see reach_path */

/* What reach_view.mapping says. */
#define REACH_MAPPED_FILE (1u << 0) /* of a file: a program's or a library's */
#define REACH_MAPPED_READ (1u << 1)
#define REACH_MAPPED_EXEC (1u << 2)

enum reach_class {
	REACH_NOT_CLASSED = 0,
	REACH_REACHABLE = 1,
	REACH_POSSIBLE = 2,
	REACH_INDIRECT = 3,
	REACH_DEFINITE = 4,
	REACH_CLASS_COUNT
};

/* The memory that is looked at, and memory to work in. */
struct reach_view {
	/* The bytes from `at` on, as many of `*size` as can be had at one place; `*size` gets their
	 * number. NULL when those at `at` cannot be read; `*size` gets how many bytes to skip. They
	 * stay valid until the next call. */
	const void *(*read)(void *context, uint64_t at, uint64_t *size);
	/* Zeroed memory, aligned to 64 bytes; NULL when there is none. Nothing is given back one by
	 * one: the owner of the context releases it all in the end. */
	void *(*allocate)(void *context, size_t size);
	void *context;
	/* What is mapped at `at`: REACH_MAPPED_ bits, 0 for nothing. `*end` gets the first address
	 * behind that mapping. Asked only for REACH_MULTIPLEINHERITANCE, which finds nothing when
	 * this is NULL. */
	uint32_t (*mapping)(void *context, uint64_t at, uint64_t *end);
};

struct reach;

/* A scan with these REACH_ flags. NULL when there is no memory. */
struct reach *reach_begin(const struct reach_view *view, uint32_t flags);

/* Tells of a block: in the order of addresses, no two overlap. `site` comes back with it. False
 * when there is no memory, or the order is wrong. */
bool reach_add(struct reach *reach, uint64_t address, uint64_t size, uint32_t site);

/* After the last block, before the first root. False when there is no memory. */
bool reach_ready(struct reach *reach);

/* Roots: the aligned words of [start, end), or words that are at hand (registers). What they reach
 * is followed before the call returns. Parts of [start, end) that are blocks are not roots and are
 * left out. */
void reach_from(struct reach *reach, uint64_t start, uint64_t end);
void reach_from_words(struct reach *reach, const uint64_t *words, size_t count);

/* After the last root: finds leaders and cliques. */
void reach_finish(struct reach *reach);

/* What came out. */
struct reach_block {
	uint64_t address, size;
	uint32_t site;
	enum reach_class class;
	uint32_t leader_site; /* of an indirectly lost block, unless memory was short; else 0 */
};

/* Calls `visit` for every block in the order of addresses, until it returns false. */
void reach_each(struct reach *reach, bool (*visit)(void *context, const struct reach_block *block),
	void *context);

/* Bytes, all of them. A block that was possibly reached and later reached is read twice. */
struct reach_counts {
	uint64_t blocks;
	uint64_t root_bytes, block_bytes; /* read */
	uint64_t unreadable_bytes;        /* wanted and not readable */
	uint64_t memory_bytes;            /* allocated */
};

void reach_counts(const struct reach *reach, struct reach_counts *ret);

/* One step from a block towards a root: the word by which it was reached first (a reachable block:
 * by which it was first known to be that). */
struct reach_step {
	uint64_t word; /* its address; or its number among all words given to reach_from_words, from
			  0 */
	bool at_hand;  /* it is such a number */
};

/* With REACH_PATHS: how the block at this address was reached. Calls `visit` with the word that
 * points at it and the block in which this word lies, then with the word that points at that block,
 * and so on, until it returns false or the word is in a root: then the block is NULL. From an
 * indirectly lost block the chain leads to its leader and ends with that, as nothing points at a
 * leader. False when there is no such block or nothing was noted. */
bool reach_path(struct reach *reach, uint64_t address,
	bool (*visit)(
		void *context, const struct reach_step *step, const struct reach_block *owner),
	void *context);

#endif
