/* A hash of pairs, see reach_pairs.h. */
#include <stdbool.h>

#include "preload/reach_pairs.h"

static struct image_indirect *pair_at(
	struct image_indirect *rows, size_t capacity, uint32_t site, uint32_t leader_site)
{
	uint64_t hash = (site | (uint64_t)leader_site << 32) * 0x9e3779b97f4a7c15ull;

	for (size_t i = hash >> 32;; i++) {
		struct image_indirect *row = &rows[i & (capacity - 1)];

		if (!row->site || (row->site == site && row->leader_site == leader_site))
			return row;
	}
}

static bool grow(struct reach_pairs *pairs)
{
	size_t capacity = pairs->capacity ? pairs->capacity * 4 : 64;
	struct image_indirect *rows = pairs->allocate(pairs->context, capacity * sizeof(*rows));

	if (!rows)
		return false;
	for (size_t i = 0; i < pairs->capacity; i++) {
		const struct image_indirect *old = &pairs->rows[i];

		if (old->site)
			*pair_at(rows, capacity, old->site, old->leader_site) = *old;
	}
	pairs->rows = rows;
	pairs->capacity = capacity;
	return true;
}

void reach_pairs_add(struct reach_pairs *pairs, uint32_t site, uint32_t leader_site, uint64_t bytes)
{
	struct image_indirect *row;

	if (pairs->count * 2 >= pairs->capacity && !grow(pairs)) {
		pairs->lost_bytes += bytes;
		pairs->lost_blocks++;
		return;
	}
	row = pair_at(pairs->rows, pairs->capacity, site, leader_site);
	if (!row->site) {
		row->site = site;
		row->leader_site = leader_site;
		pairs->count++;
	}
	row->bytes += bytes;
	row->blocks++;
}
