/*
 * Marking: what a pointer to a block makes of it.
 */
#ifndef LEAK_REACH_MARK_H
#define LEAK_REACH_MARK_H

#include "preload/reach_scan.h"

/* A word points at a block, or into it; it is in what reach->definite and reach->leader tell of.
 * May read memory. */
void reach_mark(struct reach *reach, const struct reach_hit *block, uint64_t word, uint64_t from);

/* Whether no pointer to a block of this record can make anything else of it. */
static inline bool reach_mark_settled(const struct reach *reach, uint64_t record)
{
	unsigned class = reach_record_class(record);

	return reach->leader.record ? class != REACH_NOT_CLASSED && class != REACH_DEFINITE
				    : class == REACH_REACHABLE;
}

#endif
