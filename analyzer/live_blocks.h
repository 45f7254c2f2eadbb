/*
 * The live index of an image, summed up by site and class as it is read: ten million blocks cost no
 * memory of their own here.
 */
#ifndef LEAK_LIVE_BLOCKS_H
#define LEAK_LIVE_BLOCKS_H

#include "image_checks.h"
#include "image_tables.h"
#include "intervals.h"
#include "model.h"
#include "progress.h"

#define AGE_BUCKETS 64

/* The blocks of one class that are live at one site. */
struct live_site {
	uint32_t site;                    /* node number; 0: blocks whose site is not readable */
	enum site_class class;            /* CLASS_SUPPRESSED: whatever a check says */
	uint32_t interval;                /* which of the wish's */
	uint32_t next;                    /* the same site with another class or interval */
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
	struct amount classes[CLASS_COUNT]; /* all blocks, also the young ones */
	struct amount unchecked;            /* of CLASS_UNKNOWN: newer than the check */
	uint64_t unsized_blocks;
};

/* What a reading takes besides the image. */
struct live_wish {
	const struct image_tables *tables;
	struct image_checks *checks; /* NULL: no class is asked for */
	int64_t newest;              /* moment of the youngest block that counts, -1: none does */
	uint64_t end;                /* moment that ages count back from */
	const struct intervals *intervals; /* between which blocks are told apart; NULL: none */
};

/* Sums up the blocks of an image. */
void live_blocks_read(struct live_blocks *live, const struct image_file *image,
	const struct live_wish *wish, struct progress *progress);
void live_blocks_free(struct live_blocks *live);

/* The latest moment of a live block: the last sign of life of a process that was killed. */
uint64_t live_blocks_last_moment(const struct image_file *image);

/* The moment of the middle block by age: exact to a quarter of the age. */
uint64_t live_site_median_moment(const struct live_site *site, uint64_t end);

#endif
