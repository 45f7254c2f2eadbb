/*
 * Blocks that are marked and are to be followed: on a stack of bounded size, or, where that is
 * full, as bits in the map, to be found by a pass over it.
 *
 * A stack is good as long as there are few: then the next ones to be found are waited for. When
 * there are many, passes in the order of addresses are better: neighbours share pages and cache
 * lines. So once the stack was full, it is left empty, until a pass finds few.
 */
#ifndef LEAK_REACH_STACK_H
#define LEAK_REACH_STACK_H

#include "preload/reach_scan.h"

/* The stack, as large as memory allows. */
void reach_stack_start(struct reach *reach);

/* A block was marked, anew or better. */
void reach_stack_push(struct reach *reach, const struct reach_hit *block);

/* The last one. False when there is none; then there may be pending ones. */
static inline bool reach_stack_pop(struct reach *reach, struct reach_entry *ret)
{
	if (!reach->stack_count)
		return false;
	*ret = reach->stack[--reach->stack_count];
	return true;
}

#endif
