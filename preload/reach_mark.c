/*
 * Marking, see reach_mark.h.
 */
#include "preload/reach_cliques.h"
#include "preload/reach_mark.h"
#include "preload/reach_paths.h"
#include "preload/reach_shapes.h"
#include "preload/reach_stack.h"

static void set_class(
	struct reach *reach, const struct reach_hit *block, enum reach_class class, uint64_t from)
{
	const struct reach_page *page = &block->unit->pages[reach_page_number(block->start)];

	*block->record = reach_record_classed(*block->record, class);
	if (class != REACH_POSSIBLE)
		reach_page_cell(page, block->start)->settled |=
			(uint64_t)1 << reach_page_granule(page, block->start);
	reach_paths_note(reach, block, from);
}

/* From a root or a block that is reached. */
static void mark_reached(
	struct reach *reach, const struct reach_hit *block, uint64_t word, uint64_t from)
{
	unsigned class = reach_record_class(*block->record);
	bool reached;

	if (class == REACH_POSSIBLE && !reach->definite)
		return;
	reached = reach->definite &&
		  (word == block->start ||
			  ((reach->map.flags & REACH_ALL_HEURISTICS) &&
				  reach_shape(reach, word, block->start, block->size)));
	if (!reached && class == REACH_POSSIBLE)
		return;
	set_class(reach, block, reached ? REACH_REACHABLE : REACH_POSSIBLE, from);
	reach_stack_push(reach, block);
}

/* From the clique that is being gathered. A leader was followed when it became one. */
static void mark_lost(struct reach *reach, const struct reach_hit *block, uint64_t from)
{
	bool leader = reach_record_class(*block->record) == REACH_DEFINITE;

	if (block->record == reach->leader.record)
		return;
	reach_cliques_join(reach, block, leader);
	set_class(reach, block, REACH_INDIRECT, from);
	if (!leader)
		reach_stack_push(reach, block);
}

void reach_mark(struct reach *reach, const struct reach_hit *block, uint64_t word, uint64_t from)
{
	if (reach_mark_settled(reach, *block->record))
		return;
	if (reach->leader.record)
		mark_lost(reach, block, from);
	else
		mark_reached(reach, block, word, from);
}
