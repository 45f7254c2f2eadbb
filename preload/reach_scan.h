/*
 * The state of a scan, for the files that it is made of.
 */
#ifndef LEAK_REACH_SCAN_H
#define LEAK_REACH_SCAN_H

#include "preload/reach_map.h"

#define REACH_BATCH 64 /* words that may be pointers, looked up together */
#define REACH_AHEAD 16 /* blocks whose contents are being fetched; a power of two */
#define REACH_STACK_LEAST 16

/* A block that is to be followed. */
struct reach_entry {
	uint64_t *record;
	uint64_t start;
};

/* A word that may be a pointer. */
struct reach_candidate {
	uint64_t word;
	struct reach_unit *unit;
	const struct reach_cell *cell; /* NULL: no block starts in its page */
	uint64_t *record; /* that which starts last before the word; NULL: to be looked up */
};

struct reach {
	struct reach_view view;
	struct reach_map map;
	bool ready;
	struct reach_counts counts;
	uint64_t reads; /* calls of view.read */
	int64_t bias;   /* where the last bytes were, less their address: for prefetches */
	unsigned char gathered[8]; /* a word that was in pieces */

	/* Candidates have this in common: */
	bool definite;           /* they are in roots, or in blocks that are reached */
	struct reach_hit leader; /* whose clique is gathered; no record: what is reachable is */
	uint32_t leader_clique;  /* its number; 0: it has none yet */
	unsigned candidates;
	struct reach_candidate candidate[REACH_BATCH];
	uint64_t candidate_from[REACH_BATCH]; /* see reach_paths.h */
	bool candidate_untagged[REACH_BATCH]; /* REACH_TAGS: the one before without its low bits */
	uint64_t words_given;                 /* to reach_from_words */

	/* Marked, to be followed; see reach_stack.h. */
	struct reach_entry *stack;
	size_t stack_size, stack_count;
	bool passing; /* what is marked is pending */
	bool pending; /* since the last pass began, something is */
	unsigned ahead_first, ahead_count;
	struct reach_entry ahead[REACH_AHEAD];
	struct reach_entry least_stack[REACH_STACK_LEAST];

	/* See reach_cliques.c. */
	uint32_t cliques;
	uint32_t **clique_pieces[1024];
};

#endif
