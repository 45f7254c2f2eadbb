/*
 * The scan for lost blocks, see reach.h: its steps. What they stand on:
 *
 *   reach_map      the blocks, and which one an address is in
 *   reach_words    words that may be pointers, and what they point at
 *   reach_mark     what becomes of that
 *   reach_follow   what it points at in turn
 *   reach_stack    what is to be followed
 *   reach_shapes   pointers into a block that are as good as those to its start
 *   reach_cliques  which lost block hangs on which
 *   reach_paths    how a block was reached
 *   reach_read     the memory that is looked at
 *   reach_memory   the memory to work in
 */
#include "preload/reach_cliques.h"
#include "preload/reach_follow.h"
#include "preload/reach_stack.h"
#include "preload/reach_words.h"

struct reach *reach_begin(const struct reach_view *view, uint32_t flags)
{
	struct reach_memory memory = {.view = view};
	struct reach *reach = reach_memory_take(&memory, sizeof(*reach), 64);

	if (!reach)
		return NULL;
	reach->view = *view;
	reach->map.memory = memory;
	reach->map.memory.view = &reach->view;
	reach->map.flags = flags;
	return reach;
}

bool reach_add(struct reach *reach, uint64_t address, uint64_t size, uint32_t site)
{
	return !reach->ready && reach_map_add(&reach->map, address, size, site);
}

bool reach_ready(struct reach *reach)
{
	if (!reach->ready && reach_map_ready(&reach->map)) {
		reach_stack_start(reach);
		reach->ready = true;
	}
	return reach->ready;
}

void reach_from(struct reach *reach, uint64_t start, uint64_t end)
{
	struct reach_cursor cursor;
	struct reach_hit block;

	if (!reach->ready)
		return;
	reach->definite = true;
	if (reach_map_find(&reach->map, start, &block))
		start = block.start + block.size;
	reach_map_seek(&reach->map, start, &cursor);
	while (start < end) {
		bool more = reach_map_next(&reach->map, &cursor, &block);

		while (more && !block.size)
			more = reach_map_next(&reach->map, &cursor, &block);
		if (!more || block.start >= end) {
			reach->counts.root_bytes += reach_words_range(reach, start, end);
			break;
		}
		reach->counts.root_bytes += reach_words_range(reach, start, block.start);
		start = block.start + block.size;
	}
	reach_follow(reach);
}

void reach_from_words(struct reach *reach, const uint64_t *words, size_t count)
{
	if (!reach->ready)
		return;
	reach->definite = true;
	for (size_t i = 0; i < count; i++)
		reach_words_one(reach, words[i]);
	reach->counts.root_bytes += count * sizeof(*words);
	reach_follow(reach);
}

void reach_finish(struct reach *reach)
{
	if (!reach->ready)
		return;
	reach_follow_lost(reach);
	reach_cliques_settle(reach);
}

void reach_each(struct reach *reach, bool (*visit)(void *context, const struct reach_block *block),
	void *context)
{
	struct reach_cursor cursor;
	struct reach_hit hit;

	if (!reach->ready)
		return;
	reach_map_seek(&reach->map, 0, &cursor);
	while (reach_map_next(&reach->map, &cursor, &hit)) {
		struct reach_block block = {.address = hit.start,
			.size = hit.size,
			.site = reach_record_site(*hit.record),
			.class = (enum reach_class)reach_record_class(*hit.record)};

		if (block.class == REACH_INDIRECT)
			block.leader_site = reach_cliques_site(reach, &hit);
		if (!visit(context, &block))
			return;
	}
}

void reach_counts(const struct reach *reach, struct reach_counts *ret)
{
	*ret = reach->counts;
	ret->blocks = reach->map.blocks;
	ret->memory_bytes = reach->map.memory.all_bytes;
}
