/*
 * Adds every live block of an image to its site, by class. Called by load_image.c and `leak show`.
 * No memory per block.
 */
#include "live_blocks.h"

#include "live_each.h"
#include "memory.h"

#include <stdlib.h>

/* One reading of an image. */
struct summing {
	struct live_blocks *live;
	const struct live_wish *wish;
	const struct image_file *image;
	uint32_t classes_end; /* first moment whose blocks no check has seen */
};

/* By nibble. */
static const uint8_t class_of_block[16] = {
	[BLOCK_UNCLASSED] = CLASS_UNKNOWN,
	[BLOCK_REACHABLE] = CLASS_REACHABLE,
	[BLOCK_POSSIBLE] = CLASS_POSSIBLE,
	[BLOCK_INDIRECT] = CLASS_INDIRECT,
	[BLOCK_DEFINITE] = CLASS_DEFINITE,
	[BLOCK_CLASS_COUNT... 15] = CLASS_UNKNOWN,
};

static uint32_t new_site(
	struct live_blocks *live, uint32_t site, enum site_class class, uint32_t interval)
{
	live->sites = memory_grow(
		live->sites, &live->site_capacity, live->site_count + 1, sizeof(*live->sites));
	live->sites[live->site_count] = (struct live_site){.site = site,
		.class = class,
		.interval = interval,
		.size_min = UINT64_MAX,
		.first_moment = UINT64_MAX};
	return (uint32_t)live->site_count++;
}

/* Blocks that nobody wants to know of are so whatever a check says. */
static inline bool is_of(const struct live_site *entry, enum site_class class, uint32_t interval)
{
	return (entry->class == class || entry->class == CLASS_SUPPRESSED) &&
	       entry->interval == interval;
}

/* A site, class or interval that is met for the first time, or blocks without a readable site.
 * `index` is of what is there of the site, 0: nothing. */
static uint32_t add_site(const struct summing *summing, uint32_t index, uint32_t site,
	enum site_class class, uint32_t interval)
{
	struct live_blocks *live = summing->live;
	enum image_family family = image_tables_family(summing->wish->tables, site);

	if (family == FAMILY_IGNORED)
		class = CLASS_SUPPRESSED;
	if (index == 0 && family != FAMILY_NONE)
		return live->of_node[site] = new_site(live, site, class, interval);
	while (!is_of(&live->sites[index], class, interval) && live->sites[index].next)
		index = live->sites[index].next;
	if (is_of(&live->sites[index], class, interval))
		return index;
	uint32_t added = new_site(live, live->sites[index].site, class, interval);
	live->sites[index].next = added;
	return added;
}

static unsigned age_bucket(uint64_t age)
{
	if (age < 2)
		return (unsigned)age;
	unsigned top = 63 - (unsigned)__builtin_clzll(age);
	unsigned bucket = top * 2 + (unsigned)(age >> (top - 1) & 1);
	return bucket < AGE_BUCKETS ? bucket : AGE_BUCKETS - 1;
}

static inline struct live_site *site_of(
	const struct summing *summing, uint32_t site, enum site_class class, uint64_t moment)
{
	struct live_blocks *live = summing->live;
	const struct intervals *intervals = summing->wish->intervals;
	uint32_t interval = intervals ? intervals_find(intervals, moment) : 0;
	uint32_t index = site < live->node_count ? live->of_node[site] : 0;

	for (uint32_t at = index; at; at = live->sites[at].next)
		if (is_of(&live->sites[at], class, interval))
			return &live->sites[at];
	/* Which may move them. */
	index = add_site(summing, index, site, class, interval);
	return &live->sites[index];
}

static inline void add_block(
	const struct summing *summing, struct live_site *entry, uint64_t size, uint64_t moment)
{
	struct amount *sum = &summing->live->classes[entry->class];

	sum->blocks++;
	sum->bytes += size;
	if ((int64_t)moment > summing->wish->newest)
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
	uint64_t end = summing->wish->end;
	entry->age_bucket[age_bucket(end > moment ? end - moment : 0)]++;
}

/* The nibbles of the leaf that the block is in, NULL when no check has seen it. */
static const uint8_t *nibbles_of(
	const struct summing *summing, uint32_t space, const struct image_block *block)
{
	unsigned shift = live_each_shift(summing->image, space);
	uint64_t span = (uint64_t)LEAF_SLOTS << shift;

	if (summing->classes_end == 0)
		return NULL;
	return image_checks_leaf(summing->wish->checks, space, block->address & ~(span - 1));
}

static void add_blocks(
	void *context, uint32_t space, const struct image_block *blocks, size_t count)
{
	const struct summing *summing = context;
	struct live_blocks *live = summing->live;
	const uint8_t *nibbles = nibbles_of(summing, space, blocks);
	unsigned shift = live_each_shift(summing->image, space);

	for (size_t i = 0; i < count; i++) {
		uint64_t size = blocks[i].size;
		enum site_class class = CLASS_UNKNOWN;
		bool seen = blocks[i].moment < summing->classes_end;
		if (size == BLOCK_SIZE_UNKNOWN) {
			live->unsized_blocks++;
			size = 0;
		}
		if (nibbles && seen) {
			unsigned slot = (unsigned)(blocks[i].address >> shift) % LEAF_SLOTS;
			class = class_of_block[nibbles[slot / 2] >> slot % 2 * 4 & 15];
		}
		struct live_site *entry = site_of(summing, blocks[i].site, class, blocks[i].moment);
		add_block(summing, entry, size, blocks[i].moment);
		if (!seen && summing->classes_end && entry->class == CLASS_UNKNOWN) {
			live->unchecked.blocks++;
			live->unchecked.bytes += size;
		}
	}
}

void live_blocks_read(struct live_blocks *live, const struct image_file *image,
	const struct live_wish *wish, struct progress *progress)
{
	struct summing summing = {.live = live,
		.wish = wish,
		.image = image,
		.classes_end = wish->checks ? image_checks_end(wish->checks) : 0};

	*live = (struct live_blocks){.node_count = wish->tables->node_count};
	live->of_node = memory_zero(live->node_count, sizeof(*live->of_node));
	new_site(live, 0, CLASS_UNKNOWN, 0);
	live_each(image, progress, add_blocks, &summing);
}

void live_blocks_free(struct live_blocks *live)
{
	free(live->sites);
	free(live->of_node);
}

static void note_moment(
	void *context, uint32_t space, const struct image_block *blocks, size_t count)
{
	uint64_t *last = context;

	(void)space;
	for (size_t i = 0; i < count; i++)
		if (blocks[i].moment > *last)
			*last = blocks[i].moment;
}

uint64_t live_blocks_last_moment(const struct image_file *image)
{
	uint64_t last = 0;

	live_each(image, NULL, note_moment, &last);
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
