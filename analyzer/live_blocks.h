/*
 * The live index of an image, summed up by site as it is read: ten million blocks cost no memory
 * of their own here.
 */
#ifndef LEAK_LIVE_BLOCKS_H
#define LEAK_LIVE_BLOCKS_H

#include "image_tables.h"
#include "progress.h"

#define AGE_BUCKETS 64

/* What is live at one site. */
struct live_site {
	uint32_t site;                    /* node number; 0: blocks whose site is not readable */
	uint32_t age_bucket[AGE_BUCKETS]; /* blocks by age, two buckets per doubling */
	uint64_t blocks, bytes;           /* of those old enough */
	uint64_t size_min, size_max;
	uint64_t first_moment, last_moment;
};

struct live_blocks {
	struct live_site *sites; /* [0] is for blocks without a readable site */
	size_t site_count, site_capacity;
	uint32_t *of_node; /* index into sites by node number, 0: none */
	size_t node_count;
	uint64_t blocks, bytes;                       /* all, also the young ones */
	uint64_t suppressed_blocks, suppressed_bytes; /* of FAMILY_IGNORED, part of the above */
	uint64_t unsized_blocks;
};

/* Sums up the blocks whose moment is at most `newest` (-1: none). Ages count back from moment
 * `end`. */
void live_blocks_read(struct live_blocks *live, const struct image_file *image,
	const struct image_tables *tables, int64_t newest, uint64_t end, struct progress *progress);
void live_blocks_free(struct live_blocks *live);

/* The latest moment of a live block: the last sign of life of a process that was killed. */
uint64_t live_blocks_last_moment(const struct image_file *image);

/* The moment of the middle block by age: exact to a quarter of the age. */
uint64_t live_site_median_moment(const struct live_site *site, uint64_t end);

/* The entry for a site, added if new. */
struct live_site *live_blocks_site(struct live_blocks *live, uint32_t site);

#endif
