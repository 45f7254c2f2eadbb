/*
 * Walks the leaves of the live index. Called by live_blocks.c, which sums up. This is the
 * analyzer's hot loop: ten million blocks are a tenth of a second.
 */
#include "live_each.h"

#include "memory.h"

#include <stdlib.h>

#define BATCH_LEAVES 256u /* one mebibyte a read */

/* A big block in a leaf's last slot has its size in the first slot of the next leaf. */
struct split_block {
	uint64_t next; /* base of the leaf that holds the size */
	uint32_t space;
	struct image_block block;
};

struct leaf_head {
	uint64_t base;
	uint32_t space;
	uint64_t size;
};

struct walk {
	const struct image_file *image;
	void (*visit)(
		void *context, uint32_t space, const struct image_block *blocks, size_t count);
	void *context;
	struct split_block *split;
	size_t split_count, split_capacity;
	struct leaf_head *heads;
	size_t head_count, head_capacity;
};

static void add_split(
	struct walk *walk, uint32_t space, uint64_t next, const struct image_block *block)
{
	walk->split = memory_grow(
		walk->split, &walk->split_capacity, walk->split_count + 1, sizeof(*walk->split));
	walk->split[walk->split_count++] =
		(struct split_block){.next = next, .space = space, .block = *block};
}

static void add_head(struct walk *walk, uint32_t space, uint64_t base, uint64_t size)
{
	walk->heads = memory_grow(
		walk->heads, &walk->head_capacity, walk->head_count + 1, sizeof(*walk->heads));
	walk->heads[walk->head_count++] =
		(struct leaf_head){.base = base, .space = space, .size = size};
}

unsigned live_each_shift(const struct image_file *image, uint32_t space)
{
	return space == SPACE_CUSTOM || space == SPACE_CUSTOM_ODD ? POOL_GRANULE_SHIFT
								  : image->header.granule_shift;
}

static void walk_leaf(struct walk *walk, const uint64_t *slots, uint64_t base, uint32_t space)
{
	unsigned shift = live_each_shift(walk->image, space);
	struct image_block blocks[LEAF_SLOTS];
	size_t count = 0;

	if (SLOT_IS_SIZE(slots[0]))
		add_head(walk, space, base, SLOT_BIG_SIZE(slots[0]));
	for (unsigned i = 0; i < LEAF_SLOTS; i++) {
		uint64_t slot = slots[i];
		uint32_t site = slot & SLOT_SITE_MASK;
		if (site == 0 || SLOT_IS_SIZE(slot))
			continue;
		struct image_block *block = &blocks[count++];
		uint64_t half = slot / SLOT_HALF & 1;
		block->address = base + ((uint64_t)i << shift) + (half << (shift - 1));
		block->size = slot >> SLOT_SIZE_SHIFT & SLOT_SIZE_MASK;
		block->site = site;
		block->moment = (uint32_t)(slot >> SLOT_MOMENT_SHIFT);
		if (block->size != SLOT_SIZE_ESCAPE)
			continue;
		block->size = BLOCK_SIZE_UNKNOWN;
		if (i + 1 == LEAF_SLOTS)
			add_split(walk, space, base + ((uint64_t)LEAF_SLOTS << shift),
				&blocks[--count]);
		else if (SLOT_IS_SIZE(slots[i + 1]))
			block->size = SLOT_BIG_SIZE(slots[i + 1]);
	}
	if (count)
		walk->visit(walk->context, space, blocks, count);
}

static int compare_heads(const void *a, const void *b)
{
	const struct leaf_head *one = a, *other = b;

	if (one->space != other->space)
		return one->space < other->space ? -1 : 1;
	return one->base < other->base ? -1 : one->base > other->base;
}

static void join_split_blocks(struct walk *walk)
{
	if (walk->head_count)
		qsort(walk->heads, walk->head_count, sizeof(*walk->heads), compare_heads);
	for (size_t i = 0; i < walk->split_count; i++) {
		struct split_block *split = &walk->split[i];
		const struct leaf_head wanted = {.base = split->next, .space = split->space};
		const struct leaf_head *head =
			walk->head_count == 0 ? NULL
					      : bsearch(&wanted, walk->heads, walk->head_count,
							sizeof(wanted), compare_heads);
		if (head)
			split->block.size = head->size;
		walk->visit(walk->context, split->space, &split->block, 1);
	}
}

/* The leaves of one chunk, a run of those in use at a time. `slots` has room for batch_of. */
static void walk_chunk(struct walk *walk, const struct chunk_header *chunk, uint64_t *slots,
	struct progress *progress)
{
	struct image_leaf_info infos[BATCH_LEAVES];
	uint64_t leaves = image_rows(walk->image, chunk, LEAF_BYTES);
	uint64_t info_room = (chunk->data - sizeof(*chunk)) / sizeof(infos[0]);
	uint64_t start = chunk->offset + chunk->data;

	if (leaves > info_room)
		leaves = info_room;
	for (uint64_t first = 0; first < leaves; first += BATCH_LEAVES) {
		uint64_t count = leaves - first < BATCH_LEAVES ? leaves - first : BATCH_LEAVES;
		count = image_read(walk->image,
				chunk->offset + sizeof(*chunk) + first * sizeof(infos[0]), infos,
				count * sizeof(infos[0])) /
			sizeof(infos[0]);
		for (uint64_t i = 0; i < count;) {
			uint64_t run = i;
			while (run < count && infos[run].base)
				run++;
			uint64_t got = image_read(walk->image, start + (first + i) * LEAF_BYTES,
					       slots, (run - i) * LEAF_BYTES) /
				       LEAF_BYTES;
			for (uint64_t leaf = 0; leaf < got; leaf++)
				walk_leaf(walk, slots + leaf * LEAF_SLOTS, infos[i + leaf].base,
					chunk->owner);
			i = run + 1;
		}
		progress_step(progress, "reading live blocks", chunk->offset,
			walk->image->readable_bytes);
	}
}

/* How many leaves are read at once, at the most. */
static uint64_t batch_of(const struct image_file *image)
{
	uint64_t most = 0;

	for (size_t c = 0; c < image->chunk_count; c++) {
		const struct chunk_header *chunk = &image->chunks[c];
		uint64_t rows =
			chunk->type == CHUNK_LEAVES ? image_rows(image, chunk, LEAF_BYTES) : 0;
		if (rows > most)
			most = rows;
	}
	return most < BATCH_LEAVES ? most : BATCH_LEAVES;
}

void live_each(const struct image_file *image, struct progress *progress,
	void (*visit)(
		void *context, uint32_t space, const struct image_block *blocks, size_t count),
	void *context)
{
	struct walk walk = {.image = image, .visit = visit, .context = context};
	uint64_t *slots = memory_zero(batch_of(image), LEAF_BYTES);

	for (size_t c = 0; c < image->chunk_count; c++)
		if (image->chunks[c].type == CHUNK_LEAVES)
			walk_chunk(&walk, &image->chunks[c], slots, progress);
	join_split_blocks(&walk);
	free(slots);
	free(walk.split);
	free(walk.heads);
}
