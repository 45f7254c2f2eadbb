/*
 * The cliques of lost blocks: their leaders, and which blocks are in which.
 *
 * A leader that reaches something gets a number, and the blocks in its clique note it, in an array
 * that their page gets for that. A leader that joins a later one's clique keeps its number, and the
 * clique of that number joins the other one: so a block is noted once. Where memory is short,
 * leaders are unknown.
 */
#ifndef LEAK_REACH_CLIQUES_H
#define LEAK_REACH_CLIQUES_H

#include "preload/reach_scan.h"

/* The block, which may be a leader itself, joins the clique of reach->leader. */
void reach_cliques_join(struct reach *reach, const struct reach_hit *block, bool leader);

/* Has fetched what a join of a page's block of this index needs. */
static inline void reach_cliques_fetch(const struct reach_unit *unit, unsigned page, uint32_t index)
{
	if (unit->more[page].leaders)
		__builtin_prefetch(&unit->more[page].leaders[index], 1);
}

/* After the last join. */
void reach_cliques_settle(struct reach *reach);

/* The site of the leader of an indirectly lost block; 0: unknown. */
uint32_t reach_cliques_site(const struct reach *reach, const struct reach_hit *block);

#endif
