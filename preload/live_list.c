/* Enumerating the live index through the leaves that lie in the image, see live_list.h. */
#include "preload/live_list.h"
#include "preload/image.h"
#include "preload/live.h"

static bool is_pool(enum leaf_space space)
{
	return space == SPACE_CUSTOM || space == SPACE_CUSTOM_ODD;
}

static unsigned granule_shift(enum leaf_space space)
{
	return live_spaces[space].half_shift + 1;
}

unsigned live_list_slot(
	enum leaf_space even, uint64_t address, uint64_t *ret_base, enum leaf_space *ret_space)
{
	unsigned shift = granule_shift(even), leaf_shift = shift + LEAF_SLOTS_SHIFT;
	uint64_t half = address >> live_spaces[even].half_shift;

	*ret_space = even + (enum leaf_space)(half & live_spaces[even].odd);
	*ret_base = address >> leaf_shift << leaf_shift;
	return (unsigned)(address >> shift) % LEAF_SLOTS;
}

/* ---- the leaves ---- */

static void each_leaf(
	void (*visit)(struct live_list *list, const struct live_leaf *leaf), struct live_list *list)
{
	const struct chunk_header *chunk = NULL;

	while ((chunk = image_next_chunk(chunk))) {
		const struct image_leaf_info *infos = (const void *)(chunk + 1);
		const uint64_t *slots = (const void *)((const char *)chunk + chunk->data);

		if (chunk->type != CHUNK_LEAVES)
			continue;
		for (uint64_t i = 0; i < chunk->rows && infos[i].base; i++) {
			struct live_leaf leaf = {
				infos[i].base, slots + i * LEAF_SLOTS, chunk->owner};

			visit(list, &leaf);
		}
	}
}

static void count_leaf(struct live_list *list, const struct live_leaf *leaf)
{
	list->count++;
	list->heap_count += !is_pool(leaf->space);
}

static void add_leaf(struct live_list *list, const struct live_leaf *leaf)
{
	list->leaves[list->count++] = *leaf;
}

static bool is_before(const struct live_leaf *one, const struct live_leaf *other)
{
	if (is_pool(one->space) != is_pool(other->space))
		return is_pool(other->space);
	if (one->base != other->base)
		return one->base < other->base;
	return one->space < other->space;
}

/* Merges sorted runs of twice the length each time; in place of `from` when it is done, or `to`. */
static struct live_leaf *sort(struct live_leaf *from, struct live_leaf *to, size_t count)
{
	for (size_t run = 1; run < count; run *= 2) {
		struct live_leaf *sorted = to;

		for (size_t at = 0; at < count; at += 2 * run) {
			size_t one = at, one_end = at + run < count ? at + run : count;
			size_t other = one_end, end = at + 2 * run < count ? at + 2 * run : count;

			for (size_t i = at; i < end; i++) {
				bool first =
					other == end ||
					(one < one_end && !is_before(&from[other], &from[one]));
				to[i] = first ? from[one++] : from[other++];
			}
		}
		to = from;
		from = sorted;
	}
	return from;
}

bool live_list_make(struct live_list *ret, struct check_memory *memory)
{
	struct live_leaf *other;
	size_t count;

	*ret = (struct live_list){.memory = memory};
	each_leaf(count_leaf, ret);
	count = ret->count;
	ret->leaves = check_allocate(memory, count * sizeof(*ret->leaves));
	other = check_allocate(memory, count * sizeof(*ret->leaves));
	if (!ret->leaves || !other)
		return false;
	ret->count = 0;
	each_leaf(add_leaf, ret);
	ret->leaves = sort(ret->leaves, other, count);
	return true;
}

/* ---- the blocks ---- */

/* The blocks of some leaves, in order: the next ones are at hand. */
struct stream {
	const struct live_leaf *leaf, *end;
	struct live_entry *entries; /* room for those of a leaf and its odd twin */
	size_t count, at;
};

/* A big block's size is in the slot behind its own, perhaps in the next leaf of the same space. */
static uint64_t size_at(const struct stream *stream, const struct live_leaf *leaf, unsigned i)
{
	uint64_t slot = leaf->slots[i], next = 0;

	if ((slot >> SLOT_SIZE_SHIFT & SLOT_SIZE_MASK) != SLOT_SIZE_ESCAPE)
		return slot >> SLOT_SIZE_SHIFT & SLOT_SIZE_MASK;
	if (i + 1 < LEAF_SLOTS) {
		next = leaf->slots[i + 1];
	} else {
		uint64_t base = leaf->base + ((uint64_t)LEAF_SLOTS << granule_shift(leaf->space));

		for (const struct live_leaf *l = leaf + 1; l < stream->end && l->base <= base;
			l++) {
			if (l->base == base && l->space == leaf->space)
				next = l->slots[0];
		}
	}
	return SLOT_IS_SIZE(next) ? SLOT_BIG_SIZE(next) : 0;
}

static void add_slot(struct stream *stream, const struct live_leaf *leaf, unsigned i)
{
	uint64_t slot = leaf->slots[i], half = slot / SLOT_HALF & 1;
	unsigned shift = granule_shift(leaf->space);

	if (!(slot & SLOT_SITE_MASK) || SLOT_IS_SIZE(slot))
		return;
	stream->entries[stream->count++] = (struct live_entry){
		.address = leaf->base + ((uint64_t)i << shift) + (half << (shift - 1)),
		.size = size_at(stream, leaf, i),
		.site = slot & SLOT_SITE_MASK,
		.moment = (uint32_t)(slot >> SLOT_MOMENT_SHIFT),
		.space = leaf->space};
}

/* Heaps that were large have leaves with few blocks, or none: so slots are looked at in rows. */
#define ROW_SLOTS 8

static bool row_is_empty(const uint64_t *slots)
{
	uint64_t any = 0;

	for (unsigned i = 0; i < ROW_SLOTS; i++)
		any |= slots[i];
	return !any;
}

/* The next block; NULL behind the last. */
static const struct live_entry *peek(struct stream *stream)
{
	while (stream->at == stream->count) {
		const struct live_leaf *leaf = stream->leaf, *twin;

		if (leaf == stream->end)
			return NULL;
		twin = leaf + 1 < stream->end && leaf[1].base == leaf->base ? leaf + 1 : NULL;
		stream->leaf += twin ? 2 : 1;
		stream->at = stream->count = 0;
		for (unsigned row = 0; row < LEAF_SLOTS; row += ROW_SLOTS) {
			if (row_is_empty(leaf->slots + row) &&
				(!twin || row_is_empty(twin->slots + row)))
				continue;
			for (unsigned i = row; i < row + ROW_SLOTS; i++) {
				add_slot(stream, leaf, i);
				if (twin)
					add_slot(stream, twin, i);
			}
		}
	}
	return &stream->entries[stream->at];
}

static bool stream_start(
	struct stream *stream, const struct live_list *list, size_t from, size_t to)
{
	*stream = (struct stream){.leaf = list->leaves + from, .end = list->leaves + to};
	stream->entries = check_allocate(list->memory, 2 * LEAF_SLOTS * sizeof(*stream->entries));
	return stream->entries != NULL;
}

static uint64_t end_of(const struct live_entry *block)
{
	return block->address + (block->size ? block->size : 1);
}

bool live_list_each(const struct live_list *list,
	bool (*visit)(void *context, const struct live_entry *block),
	void (*left_out)(void *context, const struct live_entry *block), void *context)
{
	struct stream heap, pools;
	uint64_t end = 0;

	if (!stream_start(&heap, list, 0, list->heap_count) ||
		!stream_start(&pools, list, list->heap_count, list->count))
		return false;
	for (;;) {
		const struct live_entry *block = peek(&heap), *inner = peek(&pools);
		struct stream *from = &heap;

		if (inner && block && block->address <= inner->address &&
			inner->address < end_of(block)) {
			left_out(context, block);
			heap.at++;
			continue;
		}
		if (!block || (inner && inner->address < block->address)) {
			block = inner;
			from = &pools;
		}
		if (!block)
			return true;
		if (block->address < end) {
			left_out(context, block);
		} else {
			if (!visit(context, block))
				return false;
			end = end_of(block);
		}
		from->at++;
	}
}
