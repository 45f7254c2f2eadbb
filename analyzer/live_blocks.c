/*
 * Adds every live block of an image to its site. Called by load_image.c. No memory per block.
 */
#include "live_blocks.h"

#include "live_each.h"
#include "memory.h"

#include <stdlib.h>

/* One reading of an image. */
struct summing {
	struct live_blocks *live;
	const struct image_tables *tables;
	int64_t newest;
	uint64_t end;
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

static inline void add_block(
	const struct summing *summing, uint32_t site, uint64_t size, uint64_t moment)
{
	struct live_blocks *live = summing->live;
	uint32_t index = site < live->node_count ? live->of_node[site] : 0;

	if (index == 0 && image_tables_family(summing->tables, site) != FAMILY_NONE)
		index = (uint32_t)(live_blocks_site(live, site) - live->sites);
	struct live_site *entry = &live->sites[index];

	live->blocks++;
	live->bytes += size;
	if (index && summing->tables->nodes[site].ip == FAMILY_IGNORED) {
		live->suppressed_blocks++;
		live->suppressed_bytes += size;
	}
	if ((int64_t)moment > summing->newest)
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
	entry->age_bucket[age_bucket(summing->end > moment ? summing->end - moment : 0)]++;
}

static void add_blocks(
	void *context, uint32_t space, const struct image_block *blocks, size_t count)
{
	const struct summing *summing = context;

	(void)space;
	for (size_t i = 0; i < count; i++) {
		uint64_t size = blocks[i].size;
		if (size == BLOCK_SIZE_UNKNOWN) {
			summing->live->unsized_blocks++;
			size = 0;
		}
		add_block(summing, blocks[i].site, size, blocks[i].moment);
	}
}

void live_blocks_read(struct live_blocks *live, const struct image_file *image,
	const struct image_tables *tables, int64_t newest, uint64_t end, struct progress *progress)
{
	struct summing summing = {.live = live, .tables = tables, .newest = newest, .end = end};

	*live = (struct live_blocks){.node_count = tables->node_count};
	live->of_node = memory_zero(live->node_count, sizeof(*live->of_node));
	live->sites = memory_grow(NULL, &live->site_capacity, 1, sizeof(*live->sites));
	live->sites[0] = (struct live_site){.size_min = UINT64_MAX, .first_moment = UINT64_MAX};
	live->site_count = 1;
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
