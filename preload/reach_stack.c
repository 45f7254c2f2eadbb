/*
 * Blocks that are to be followed, see reach_stack.h.
 */
#include "preload/reach_stack.h"

#define MOST 32768

void reach_stack_start(struct reach *reach)
{
	size_t size = reach->map.blocks / 8 < MOST ? (size_t)reach->map.blocks / 8 : MOST;

	for (; size > REACH_STACK_LEAST; size /= 8) {
		reach->stack =
			reach_memory_take(&reach->map.memory, size * sizeof(*reach->stack), 64);
		if (reach->stack) {
			reach->stack_size = size;
			return;
		}
	}
	reach->stack = reach->least_stack;
	reach->stack_size = REACH_STACK_LEAST;
}

void reach_stack_push(struct reach *reach, const struct reach_hit *block)
{
	struct reach_page *page;

	/* Nothing in it, or it waits already. */
	if (block->size < 8 || (*block->record & REACH_RECORD_PENDING))
		return;
	*block->record |= REACH_RECORD_PENDING;
	if (!reach->passing && reach->stack_count < reach->stack_size) {
		reach->stack[reach->stack_count++] =
			(struct reach_entry){.record = block->record, .start = block->start};
		return;
	}
	page = &block->unit->pages[reach_page_number(block->start)];
	reach_page_cell(page, block->start)->pending |= (uint64_t)1
							<< reach_page_granule(page, block->start);
	block->unit->pending |= (uint64_t)1 << reach_page_number(block->start);
	reach->passing = true;
	reach->pending = true;
}
