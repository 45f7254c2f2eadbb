/*
 * Walks the leaves of the live index and adds every block to its site. Called by load_image.c.
 * The walk is the analyzer's hot loop: one pass, one buffer, no memory per block. Does not give
 * addresses of single blocks.
 */
#include "live_blocks.h"

#include "memory.h"

#include <stdlib.h>
#include <string.h>

#define BATCH_LEAVES 256u /* one mebibyte a read */

/* A big block in a leaf's last slot has its size in the first slot of the next leaf. */
struct split_block {
	uint64_t base; /* of the leaf that holds the size */
	uint32_t space, site;
	uint64_t moment;
};

struct leaf_head {
	uint64_t base;
	uint32_t space;
	uint64_t size;
};

struct walk {
	struct live_blocks *live;
	const struct image_tables *tables;
	int64_t newest;
	uint64_t end;
	struct split_block *split;
	size_t split_count, split_capacity;
	struct leaf_head *heads;
	size_t head_count, head_capacity;
};

struct live_site *live_blocks_site(struct live_blocks *live, uint32_t site)
{
	uint32_t index = site < live->node_count ? live->of_node[site] : 0;

	if (index || site == 0 || site >= live->node_count)
		return &live->sites[index];
	live->sites = memory_grow(
		live->sites, &live->site_capacity, live->site_count + 1, sizeof(*live->sites));
	live->sites[live->site_count] = (struct live_site){
		.site = site, .size_min = UINT64_MAX, .first_moment = UINT64_MAX};
	live->of_node[site] = (uint32_t)live->site_count;
	return &live->sites[live->site_count++];
}

static unsigned age_bucket(uint64_t age)
{
	if (age < 2)
		return (unsigned)age;
	unsigned top = 63 - (unsigned)__builtin_clzll(age);
	unsigned bucket = top * 2 + (unsigned)(age >> (top - 1) & 1);
	return bucket < AGE_BUCKETS ? bucket : AGE_BUCKETS - 1;
}

static inline void add_block(struct walk *walk, uint32_t site, uint64_t size, uint64_t moment)
{
	struct live_blocks *live = walk->live;
	uint32_t index = site < live->node_count ? live->of_node[site] : 0;

	if (index == 0 && image_tables_family(walk->tables, site) != FAMILY_NONE)
		index = (uint32_t)(live_blocks_site(live, site) - live->sites);
	struct live_site *entry = &live->sites[index];

	live->blocks++;
	live->bytes += size;
	if (index && walk->tables->nodes[site].ip == FAMILY_IGNORED) {
		live->suppressed_blocks++;
		live->suppressed_bytes += size;
	}
	if ((int64_t)moment > walk->newest)
		return;
	entry->blocks++;
	entry->bytes += size;
	if (size < entry->size_min)
		entry->size_min = size;
	if (size > entry->size_max)
		entry->size_max = size;
	if (moment < entry->first_moment)
		entry->first_moment = moment;
	if (moment > entry->last_moment)
		entry->last_moment = moment;
	entry->age_bucket[age_bucket(walk->end > moment ? walk->end - moment : 0)]++;
}

static void add_split(
	struct walk *walk, uint32_t space, uint64_t base, uint32_t site, uint64_t moment)
{
	walk->split = memory_grow(
		walk->split, &walk->split_capacity, walk->split_count + 1, sizeof(*walk->split));
	walk->split[walk->split_count++] =
		(struct split_block){.base = base, .space = space, .site = site, .moment = moment};
}

static void add_head(struct walk *walk, uint32_t space, uint64_t base, uint64_t size)
{
	walk->heads = memory_grow(
		walk->heads, &walk->head_capacity, walk->head_count + 1, sizeof(*walk->heads));
	walk->heads[walk->head_count++] =
		(struct leaf_head){.base = base, .space = space, .size = size};
}

static void walk_leaf(struct walk *walk, const uint64_t *slots, uint64_t base, uint32_t space,
	unsigned granule_shift)
{
	if (SLOT_IS_SIZE(slots[0]))
		add_head(walk, space, base, SLOT_BIG_SIZE(slots[0]));
	for (unsigned i = 0; i < LEAF_SLOTS; i++) {
		uint64_t slot = slots[i];
		uint32_t site = slot & SLOT_SITE_MASK;
		if (site == 0 || SLOT_IS_SIZE(slot))
			continue;
		uint64_t size = slot >> SLOT_SIZE_SHIFT & SLOT_SIZE_MASK;
		uint64_t moment = slot >> SLOT_MOMENT_SHIFT;
		if (size == SLOT_SIZE_ESCAPE) {
			if (i + 1 == LEAF_SLOTS) {
				add_split(walk, space,
					base + ((uint64_t)LEAF_SLOTS << granule_shift), site,
					moment);
				continue;
			}
			size = 0;
			if (SLOT_IS_SIZE(slots[i + 1])) {
				i++;
				size = SLOT_BIG_SIZE(slots[i]);
			} else {
				walk->live->unsized_blocks++;
			}
		}
		add_block(walk, site, size, moment);
	}
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
		const struct split_block *block = &walk->split[i];
		const struct leaf_head wanted = {.base = block->base, .space = block->space};
		const struct leaf_head *head =
			walk->head_count == 0 ? NULL
					      : bsearch(&wanted, walk->heads, walk->head_count,
							sizeof(wanted), compare_heads);
		if (head == NULL)
			walk->live->unsized_blocks++;
		add_block(walk, block->site, head ? head->size : 0, block->moment);
	}
}

/* Gives each used leaf of the image to `visit`, a run of up to BATCH_LEAVES at a time. */
static void each_leaf(const struct image_file *image, struct progress *progress,
	void (*visit)(void *context, const uint64_t *slots, uint64_t base, uint32_t space),
	void *context)
{
	uint64_t *slots = memory_zero(BATCH_LEAVES, LEAF_BYTES);
	struct image_leaf_info infos[BATCH_LEAVES];

	for (size_t c = 0; c < image->chunk_count; c++) {
		const struct chunk_header *chunk = &image->chunks[c];
		if (chunk->type != CHUNK_LEAVES)
			continue;
		uint64_t leaves = image_rows(image, chunk, LEAF_BYTES);
		uint64_t info_room = (chunk->data - sizeof(*chunk)) / sizeof(infos[0]);
		uint64_t start = chunk->offset + chunk->data;
		if (leaves > info_room)
			leaves = info_room;
		for (uint64_t first = 0; first < leaves; first += BATCH_LEAVES) {
			uint64_t count =
				leaves - first < BATCH_LEAVES ? leaves - first : BATCH_LEAVES;
			count = image_read(image,
					chunk->offset + sizeof(*chunk) + first * sizeof(infos[0]),
					infos, count * sizeof(infos[0])) /
				sizeof(infos[0]);
			for (uint64_t i = 0; i < count;) {
				uint64_t run = i;
				while (run < count && infos[run].base)
					run++;
				uint64_t got = image_read(image, start + (first + i) * LEAF_BYTES,
						       slots, (run - i) * LEAF_BYTES) /
					       LEAF_BYTES;
				for (uint64_t leaf = 0; leaf < got; leaf++)
					visit(context, slots + leaf * LEAF_SLOTS,
						infos[i + leaf].base, chunk->owner);
				i = run + 1;
			}
			progress_step(progress, "reading live blocks", chunk->offset,
				image->readable_bytes);
		}
	}
	free(slots);
}

struct walk_context {
	struct walk *walk;
	unsigned granule_shift;
};

static void visit_leaf(void *context, const uint64_t *slots, uint64_t base, uint32_t space)
{
	struct walk_context *walk = context;

	walk_leaf(walk->walk, slots, base, space, walk->granule_shift);
}

void live_blocks_read(struct live_blocks *live, const struct image_file *image,
	const struct image_tables *tables, int64_t newest, uint64_t end, struct progress *progress)
{
	struct walk walk = {.live = live, .tables = tables, .newest = newest, .end = end};
	struct walk_context context = {.walk = &walk, .granule_shift = image->header.granule_shift};

	*live = (struct live_blocks){.node_count = tables->node_count};
	live->of_node = memory_zero(live->node_count, sizeof(*live->of_node));
	live->sites = memory_grow(NULL, &live->site_capacity, 1, sizeof(*live->sites));
	live->sites[0] = (struct live_site){.size_min = UINT64_MAX, .first_moment = UINT64_MAX};
	live->site_count = 1;
	each_leaf(image, progress, visit_leaf, &context);
	join_split_blocks(&walk);
	free(walk.split);
	free(walk.heads);
}

void live_blocks_free(struct live_blocks *live)
{
	free(live->sites);
	free(live->of_node);
}

static void visit_for_moment(void *context, const uint64_t *slots, uint64_t base, uint32_t space)
{
	uint64_t *last = context;

	(void)base, (void)space;
	for (unsigned i = 0; i < LEAF_SLOTS; i++)
		if ((slots[i] & SLOT_SITE_MASK) && !SLOT_IS_SIZE(slots[i]) &&
			slots[i] >> SLOT_MOMENT_SHIFT > *last)
			*last = slots[i] >> SLOT_MOMENT_SHIFT;
}

uint64_t live_blocks_last_moment(const struct image_file *image)
{
	uint64_t last = 0;

	each_leaf(image, NULL, visit_for_moment, &last);
	return last;
}

uint64_t live_site_median_moment(const struct live_site *site, uint64_t end)
{
	uint64_t seen = 0, age = 0;

	for (unsigned bucket = 0; bucket < AGE_BUCKETS; bucket++) {
		seen += site->age_bucket[bucket];
		if (seen * 2 < site->blocks || seen == 0)
			continue;
		unsigned top = bucket / 2;
		age = bucket < 2
			      ? bucket
			      : (1ull << top) + (bucket & 1 ? 3ull << top >> 2 : 1ull << top >> 2);
		break;
	}
	uint64_t moment = end > age ? end - age : 0;
	if (moment < site->first_moment)
		moment = site->first_moment;
	if (moment > site->last_moment)
		moment = site->last_moment;
	return moment;
}
