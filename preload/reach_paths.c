/*
 * Through which word each block was reached, see reach_path in reach.h.
 *
 * The chain has an end: a note is made when its block's class changes, and leads to a block that
 * had the class before; a later change of that block's note leads to blocks that were reached,
 * which lead on only to those.
 */
#include "preload/reach_paths.h"

static struct reach_block describe(const struct reach_hit *hit)
{
	return (struct reach_block){.address = hit->start,
		.size = hit->size,
		.site = reach_record_site(*hit->record),
		.class = (enum reach_class)reach_record_class(*hit->record)};
}

/* The note of a block, 0 for none. */
static uint64_t note_of(const struct reach_hit *block)
{
	unsigned page = reach_page_number(block->start);
	const uint64_t *paths = block->unit->more[page].paths;

	return paths ? paths[block->record - block->unit->pages[page].records] : 0;
}

bool reach_path(struct reach *reach, uint64_t address,
	bool (*visit)(
		void *context, const struct reach_step *step, const struct reach_block *owner),
	void *context)
{
	struct reach_hit hit;
	uint64_t note;

	if (!reach->ready || !reach_map_find(&reach->map, address, &hit) || hit.start != address)
		return false;
	note = note_of(&hit);
	if (!note)
		return false;
	while (note) {
		struct reach_step step = {
			.word = note & REACH_FROM_HAND ? note >> 3 : note & ~(uint64_t)7,
			.at_hand = note & REACH_FROM_HAND};
		struct reach_block owner;

		/* At the address of a block of 0 bytes is memory of somebody else. */
		if (step.at_hand || !reach_map_find(&reach->map, step.word, &hit) || !hit.size) {
			visit(context, &step, NULL);
			break;
		}
		owner = describe(&hit);
		if (!visit(context, &step, &owner))
			break;
		note = note_of(&hit);
	}
	return true;
}
