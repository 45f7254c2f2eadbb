/*
 * Sorts live blocks, see live_sorted.h. Called by core_check.c. Inside a leaf they are sorted
 * already, and the leaves of one space do not overlap: so leaves are sorted, and spaces merged.
 */
#include "live_sorted.h"

#include "memory.h"

#include <stdlib.h>
#include <string.h>

static void add_blocks(
	void *context, uint32_t space, const struct image_block *blocks, size_t count)
{
	struct live_sorted *live = context;

	if (space >= SPACE_COUNT)
		return;
	live->blocks = memory_grow(
		live->blocks, &live->capacity, live->count + count, sizeof(*live->blocks));
	memcpy(live->blocks + live->count, blocks, count * sizeof(*blocks));
	live->spaces[space].runs =
		memory_grow(live->spaces[space].runs, &live->spaces[space].capacity,
			live->spaces[space].count + 1, sizeof(struct live_run));
	live->spaces[space].runs[live->spaces[space].count++] =
		(struct live_run){.start = blocks[0].address, .first = live->count, .count = count};
	live->count += count;
}

static int compare_runs(const void *a, const void *b)
{
	const struct live_run *one = a, *other = b;

	return one->start < other->start ? -1 : one->start > other->start;
}

void live_sorted_read(
	struct live_sorted *live, const struct image_file *image, struct progress *progress)
{
	*live = (struct live_sorted){0};
	live_each(image, progress, add_blocks, live);
	for (size_t i = 0; i < SPACE_COUNT; i++)
		if (live->spaces[i].count)
			qsort(live->spaces[i].runs, live->spaces[i].count, sizeof(struct live_run),
				compare_runs);
}

void live_sorted_free(struct live_sorted *live)
{
	free(live->blocks);
	for (size_t i = 0; i < SPACE_COUNT; i++)
		free(live->spaces[i].runs);
	*live = (struct live_sorted){0};
}

/* ---- merging ---- */

struct stream {
	size_t run, at; /* of the next block */
};

static const struct image_block *peek(
	const struct live_sorted *live, uint32_t space, struct stream *stream)
{
	if (stream->run == live->spaces[space].count)
		return NULL;
	const struct live_run *run = &live->spaces[space].runs[stream->run];
	if (stream->at < run->count)
		return &live->blocks[run->first + stream->at];
	stream->run++;
	stream->at = 0;
	return peek(live, space, stream);
}

/* The one of two spaces whose next block comes first. */
static uint32_t first_of(const struct live_sorted *live, struct stream *streams, uint32_t space,
	const struct image_block **ret)
{
	const struct image_block *one = peek(live, space, &streams[space]);
	const struct image_block *other = peek(live, space + 1, &streams[space + 1]);
	bool second = other && (one == NULL || other->address < one->address);

	*ret = second ? other : one;
	return second ? space + 1 : space;
}

static uint64_t size_of(const struct image_block *block)
{
	return block->size == BLOCK_SIZE_UNKNOWN ? 0 : block->size;
}

static uint64_t end_of(const struct image_block *block)
{
	uint64_t size = size_of(block);

	return block->address + (size ? size : 1);
}

void live_sorted_each(const struct live_sorted *live,
	bool (*visit)(void *context, uint32_t space, const struct image_block *block),
	void *context)
{
	struct stream streams[SPACE_COUNT] = {{0, 0}};
	uint64_t end = 0;

	for (;;) {
		const struct image_block *block, *inner;
		uint32_t space = first_of(live, streams, SPACE_HEAP, &block);
		uint32_t inner_space = first_of(live, streams, SPACE_CUSTOM, &inner);

		if (inner && block && block->address <= inner->address &&
			inner->address < end_of(block)) {
			streams[space].at++;
			continue;
		}
		if (block == NULL || (inner && inner->address < block->address)) {
			block = inner;
			space = inner_space;
		}
		if (block == NULL)
			return;
		streams[space].at++;
		if (block->address < end || end_of(block) <= block->address)
			continue;
		struct image_block sized = *block;
		sized.size = size_of(block);
		if (!visit(context, space, &sized))
			return;
		end = end_of(block);
	}
}
