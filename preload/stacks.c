/*
 * The tree of frames. Rows lie in the image; the hash buckets that find a child by (parent, frame)
 * lie in private memory. Bucket arrays come in tiers of growing size: when one is loaded, new nodes
 * go to the next, and look-ups try the larger ones first. So nothing is ever moved and nobody
 * waits. Two threads may insert the same frame in two tiers at once: a reader of the image adds
 * equal stacks up.
 */
#include <stdatomic.h>

#include "preload/stacks.h"
#include "preload/arena.h"
#include "preload/image.h"
#include "preload/steps.h"
#include "preload/sys.h"

#define MAX_CHUNKS ((NODE_MAX + 1) / NODES_PER_CHUNK + 1)
#define TIERS 4

static struct chunk_header *_Atomic chunks[MAX_CHUNKS];
static struct rowstore nodes = {.type = CHUNK_NODES,
	.row_size = sizeof(struct image_node),
	.rows_per_chunk = NODES_PER_CHUNK,
	.max_chunks = MAX_CHUNKS,
	.chunks = chunks};

/* log2 of the number of buckets; a tier is full at two nodes a bucket. */
static const unsigned tier_bits[TIERS] = {10, 14, 18, 22};
static _Atomic uint32_t *_Atomic tiers[TIERS];
static _Atomic uint32_t node_count; /* numbers handed out */

static unsigned tier_for(uint32_t count)
{
	unsigned tier = 0;

	while (tier + 1 < TIERS && count >> tier_bits[tier] >= 2)
		tier++;
	return tier;
}

static _Atomic uint32_t *buckets_of(unsigned tier)
{
	_Atomic uint32_t *buckets = atomic_load_explicit(&tiers[tier], memory_order_acquire),
			 *none = NULL;

	if (buckets)
		return buckets;
	buckets = arena_alloc(sizeof(*buckets) << tier_bits[tier]);
	if (!buckets)
		return NULL;
	return atomic_compare_exchange_strong(&tiers[tier], &none, buckets) ? buckets : none;
}

static uint64_t hash_of(uint32_t parent, uint64_t ip, uint32_t flags)
{
	return stacks_mix(stacks_mix(parent, ip), flags);
}

static uint32_t search(_Atomic uint32_t *bucket, uint32_t parent, uint64_t ip, uint32_t flags)
{
	uint32_t number = atomic_load_explicit(bucket, memory_order_acquire);

	while (number) {
		const struct image_node *node = rowstore_get(&nodes, number);

		if (node->ip == ip && node->parent == parent &&
			(node->next_and_flags & ~NODE_NEXT_MASK) == flags)
			return number;
		number = node->next_and_flags & NODE_NEXT_MASK;
	}
	return 0;
}

static uint32_t new_number(void)
{
	uint32_t number;

	do {
		if (atomic_load_explicit(&node_count, memory_order_relaxed) >= NODE_MAX)
			return 0;
		number = atomic_fetch_add_explicit(&node_count, 1, memory_order_relaxed) + 1;
	} while ((number & 0xffff) == 0xffff);
	return number;
}

/* The node of a frame under its caller, made if need be; 0 when it cannot be. */
static uint32_t intern(uint32_t parent, uint64_t ip, uint32_t flags)
{
	uint64_t hash = hash_of(parent, ip, flags);
	unsigned tier = tier_for(atomic_load_explicit(&node_count, memory_order_relaxed));
	_Atomic uint32_t *buckets, *bucket;
	struct image_node *node;
	uint32_t number, head;

	for (unsigned i = tier + 1; i-- > 0;) {
		buckets = atomic_load_explicit(&tiers[i], memory_order_acquire);
		if (!buckets)
			continue;
		number = search(&buckets[hash >> (64 - tier_bits[i])], parent, ip, flags);
		if (number)
			return number;
	}
	buckets = buckets_of(tier);
	number = buckets ? new_number() : 0;
	node = number ? rowstore_make(&nodes, number) : NULL;
	if (!node)
		return 0;
	bucket = &buckets[hash >> (64 - tier_bits[tier])];
	node->parent = parent;
	head = atomic_load_explicit(bucket, memory_order_acquire);
	do {
		node->next_and_flags = head | flags;
		__atomic_store_n(&node->ip, ip, __ATOMIC_RELEASE);
	} while (!atomic_compare_exchange_weak(bucket, &head, number));
	return number;
}

bool stacks_start(void)
{
	rowstore_forget(&nodes);
	for (unsigned i = 0; i < TIERS; i++)
		atomic_store(&tiers[i], NULL);
	atomic_store(&node_count, 0);
	return intern(0, FAMILY_IGNORED, 0) == SITE_IGNORED;
}

uint32_t stacks_child(uint32_t parent, uint64_t frame, uint32_t flags)
{
	if (frame & STEP_KEY_EXACT)
		flags |= NODE_EXACT_IP;
	return intern(parent, frame & ~STEP_KEY_EXACT, flags);
}

const struct image_node *stacks_node(uint32_t number)
{
	return rowstore_get(&nodes, number);
}

SLOW uint32_t stacks_intern(const struct trace *t, unsigned family)
{
	uint32_t node = 0;

	for (uint32_t i = t->count; i-- > 0;) {
		node = stacks_child(node, t->frames[i], i + 1 == t->count ? t->flags : 0);
		if (!node)
			return 0;
	}
	return stacks_child(node, family, node ? 0 : t->flags);
}
