/*
 * The tree of frames. Rows lie in the image; the table that finds a child by (parent, frame) lies
 * in private memory: one word a node, most of it a part of the hash, so that a look-up reads a row
 * only when it is the right one. A table that is half full is replaced by a larger one while others
 * go on inserting into it; what they insert too late to be copied is inserted again when it is met
 * again. So the same frame may be in the tree twice: a reader of the image adds equal stacks up.
 */
#include <stdatomic.h>

#include "preload/stacks.h"
#include "preload/arena.h"
#include "preload/faults.h"
#include "preload/image.h"
#include "preload/patience.h"
#include "preload/steps.h"
#include "preload/sys.h"

#define MAX_CHUNKS ((NODE_MAX + 1) / NODES_PER_CHUNK + 1)
#define FIRST_WORDS FIRST_SIZE(1024, 2)
#define MANY_WORDS (1u << 16) /* up to here a table grows four times as large, then twice */

static SPARSE struct chunk_header *_Atomic chunks[MAX_CHUNKS];
static struct rowstore nodes = {.type = CHUNK_NODES,
	.row_size = sizeof(struct image_node),
	.rows_per_chunk = NODES_PER_CHUNK,
	.max_chunks = MAX_CHUNKS,
	.chunks = chunks};
static _Atomic uint32_t node_count; /* numbers handed out */

/* A word: the hash's high 40 bits, the node's number in the low 24. 0 is empty. Open addressing by
 * the hash's highest bits. */
struct node_table {
	uint64_t mask;
	unsigned shift;
	_Atomic uint64_t used;
	_Atomic uint64_t words[];
};

#define WORD_TAG(hash) ((hash) & ~(uint64_t)0xffffff)
#define WORD_NUMBER(word) ((uint32_t)((word)&0xffffff))

static struct node_table *_Atomic node_table;

/* One thread at a time replaces the table, by its control block, or nobody (0); others that want to
 * meanwhile do without. Its signals wait: a handler may need the larger table, too, or jump away.
 */
static _Atomic uintptr_t replacer;

/* A table for whose successor there was no memory, or one has waited in vain: nobody waits for it
 * again. */
static const struct node_table *_Atomic given_up;

static struct node_table *make_table(uint64_t words)
{
	struct node_table *table = arena_alloc_dense(sizeof(*table) + words * sizeof(uint64_t));

	if (!table)
		return NULL;
	table->mask = words - 1;
	table->shift = 64 - (unsigned)__builtin_ctzll(words);
	return table;
}

/* A path's hash is good in its low bits; these are good in the high ones. */
static uint64_t spread(uint64_t hash)
{
	return hash * 0x9e3779b97f4a7c15ull;
}

/* Puts a word that is known not to be there; false when the table is full. */
static bool put_word(struct node_table *table, uint64_t word)
{
	if (atomic_fetch_add_explicit(&table->used, 1, memory_order_relaxed) >= table->mask)
		return false;
	for (uint64_t i = word >> table->shift;; i++) {
		uint64_t none = 0;

		if (atomic_compare_exchange_strong(&table->words[i & table->mask], &none, word))
			return true;
	}
}

/* Into a table that nobody else has yet. Both are in the order of the hashes, nearly: so the copy
 * runs through both once. */
static void copy_words(const struct node_table *from, struct node_table *to)
{
	uint64_t used = 0;

	for (uint64_t i = 0; i <= from->mask; i++) {
		uint64_t word = atomic_load_explicit(&from->words[i], memory_order_acquire);
		uint64_t at = word >> to->shift;

		if (!word)
			continue;
		while (atomic_load_explicit(&to->words[at & to->mask], memory_order_relaxed))
			at++;
		atomic_store_explicit(&to->words[at & to->mask], word, memory_order_relaxed);
		used++;
	}
	atomic_store_explicit(&to->used, used, memory_order_relaxed);
}

/* Puts a larger table in the place of this one, if it still is the one and nobody is at it. */
static SLOW void grow(struct node_table *old)
{
	struct node_table *fresh;
	uintptr_t nobody = 0;
	uint64_t signals;

	if (atomic_load(&replacer))
		return;
	signals = sys_hold_signals();
	if (atomic_compare_exchange_strong(&replacer, &nobody, arch_thread_pointer())) {
		if (old == atomic_load_explicit(&node_table, memory_order_acquire)) {
			fresh = make_table((old->mask + 1) * (old->mask < MANY_WORDS ? 4 : 2));
			if (fresh) {
				copy_words(old, fresh);
				atomic_store_explicit(&node_table, fresh, memory_order_release);
			} else {
				atomic_store(&given_up, old);
			}
		}
		atomic_store(&replacer, 0);
	}
	sys_release_signals(signals);
}

/* rowstore_get for rows that are known to be there. */
static inline struct image_node *node_at(uint32_t number)
{
	struct chunk_header *chunk = atomic_load_explicit(
		rowstore_entry(&nodes, number / NODES_PER_CHUNK), memory_order_acquire);

	return (struct image_node *)(chunk + 1) + number % NODES_PER_CHUNK;
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

/* One in eight stays free, or a look-up in vain would not end. */
static bool is_full(struct node_table *table)
{
	return atomic_load_explicit(&table->used, memory_order_relaxed) > table->mask / 8 * 7;
}

/* Another thread is replacing the full table. */
static SLOW struct node_table *wait_for_larger(struct node_table *full)
{
	struct node_table *table = full;

	for (unsigned n = 0; table == full; n++) {
		if (atomic_load(&given_up) == full)
			return full;
		if (!patience_long(n)) {
			atomic_store(&given_up, full);
			return full;
		}
		grow(full);
		table = atomic_load_explicit(&node_table, memory_order_acquire);
	}
	return table;
}

static uint32_t insert(uint32_t parent, uint64_t ip, uint32_t flags, uint64_t hash)
{
	struct node_table *table = atomic_load_explicit(&node_table, memory_order_acquire);
	struct image_node *node;
	uint32_t number;

	if (unlikely(atomic_load_explicit(&table->used, memory_order_relaxed) * 2 > table->mask)) {
		grow(table);
		table = atomic_load_explicit(&node_table, memory_order_acquire);
	}
	/* The next one may be full, too, when this thread comes to it late. */
	while (unlikely(is_full(table))) {
		struct node_table *full = table;

		table = wait_for_larger(full);
		if (table == full)
			return 0;
	}
	number = new_number();
	node = number ? rowstore_make(&nodes, number) : NULL;
	if (!node)
		return 0;
	node->parent = parent;
	node->flags = flags;
	__atomic_store_n(&node->ip, ip, __ATOMIC_RELEASE);
	return put_word(table, WORD_TAG(hash) | number) ? number : 0;
}

/* The node of a frame under its caller, made if need be; 0 when it cannot be. */
static uint32_t intern(uint32_t parent, uint64_t ip, uint32_t flags, uint64_t hash)
{
	const struct node_table *table = atomic_load_explicit(&node_table, memory_order_acquire);

	hash = spread(hash);
	for (uint64_t i = hash >> table->shift;; i++) {
		uint64_t word =
			atomic_load_explicit(&table->words[i & table->mask], memory_order_acquire);
		const struct image_node *node;

		if (!word)
			return insert(parent, ip, flags, hash);
		if (likely(WORD_TAG(word ^ hash) != 0))
			continue;
		node = node_at(WORD_NUMBER(word));
		if (likely(node->ip == ip && node->parent == parent && node->flags == flags))
			return WORD_NUMBER(word);
	}
}

bool stacks_start(void)
{
	rowstore_forget(&nodes);
	atomic_store(&replacer, 0);
	atomic_store(&given_up, NULL);
	atomic_store(&node_count, 0);
	atomic_store(&node_table, make_table(FIRST_WORDS));
	return atomic_load(&node_table) && intern(0, FAMILY_IGNORED, 0, 0) == SITE_IGNORED;
}

void stacks_expect(uint64_t hash)
{
	const struct node_table *table = atomic_load_explicit(&node_table, memory_order_acquire);

	__builtin_prefetch((const void *)&table->words[spread(hash) >> table->shift]);
}

uint32_t stacks_child(uint32_t parent, uint64_t frame, uint32_t flags, uint64_t hash)
{
	if (frame & STEP_KEY_EXACT)
		flags |= NODE_EXACT_IP;
	return intern(parent, frame & ~STEP_KEY_EXACT, flags, hash);
}

uint32_t stacks_leaf(uint32_t parent, unsigned family, uint32_t flags, uint64_t hash)
{
	return intern(parent, family, flags, hash);
}

const struct image_node *stacks_node(uint32_t number)
{
	return rowstore_get(&nodes, number);
}

SLOW uint32_t stacks_intern(const struct trace *t, unsigned family)
{
	uint64_t hash = stacks_seed(t->flags);
	uint32_t node = 0;

	for (uint32_t i = t->count; i-- > 0;) {
		hash = stacks_mix(hash, t->frames[i]);
		node = stacks_child(node, t->frames[i], i + 1 == t->count ? t->flags : 0, hash);
		if (!node)
			return 0;
	}
	return stacks_leaf(node, family, node ? 0 : t->flags, stacks_mix(hash, family));
}
