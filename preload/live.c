/* The live index: its directories, its leaves, its rare cases. */
#include "preload/live.h"
#include "preload/arena.h"
#include "preload/faults.h"
#include "preload/image.h"

/* Leaves per chunk: few at first, then as many as one page of leaf infos describes. */
#define LEAVES_FIRST FIRST_SIZE(7, 1)
#define LEAVES_MAX ((IMAGE_PAGE - sizeof(struct chunk_header)) / sizeof(struct image_leaf_info))

struct live_index live_spaces[SPACE_COUNT];
bool live_is_wide;
uint64_t live_heap_half;

/* The chunk that leaves are taken from, for each space. */
struct leaf_source {
	struct chunk_header *_Atomic chunk;
	_Atomic uint32_t made; /* chunks so far */
};

static struct leaf_source sources[SPACE_COUNT];

static void space_start(enum leaf_space space, unsigned granule_shift)
{
	struct live_index *index = &live_spaces[space];

	index->half_shift = granule_shift - 1;
	/* Blocks of less than a granule are those of 8 bytes, which glibc has not. */
	index->odd = granule_shift == 4 && (space == SPACE_HEAP || space == SPACE_CUSTOM);
	atomic_store(&index->regions, NULL);
	atomic_store(&sources[space].chunk, NULL);
	atomic_store(&sources[space].made, 0);
}

/* The entry of a directory, its array made if need be: one that begins with the number `first`. Of
 * two threads that make one, one wins; the other's is address space only. */
static char *make_entry(char *_Atomic *entry, size_t size, uintptr_t first)
{
	char *there = atomic_load_explicit(entry, memory_order_acquire), *fresh;
	void *array;

	if (there)
		return there;
	array = arena_alloc(size);
	if (!array)
		return NULL;
	fresh = live_entry(array, first);
	return atomic_compare_exchange_strong(entry, &there, fresh) ? fresh : there;
}

static char *_Atomic *make_regions(struct live_index *index)
{
	char *_Atomic *there = atomic_load_explicit(&index->regions, memory_order_acquire),
		      *_Atomic * fresh;

	if (there)
		return there;
	fresh = arena_alloc(LIVE_REGIONS * sizeof(*fresh));
	if (!fresh)
		return NULL;
	return atomic_compare_exchange_strong(&index->regions, &there, fresh) ? fresh : there;
}

bool live_start(unsigned granule_shift)
{
	live_is_wide = granule_shift == LIVE_WIDE_SHIFT;
	live_heap_half = live_is_wide ? SLOT_HALF : 0;
	space_start(SPACE_HEAP, granule_shift);
	space_start(SPACE_HEAP_ODD, granule_shift);
	/* The program's own pools pack as they like. */
	space_start(SPACE_CUSTOM, POOL_GRANULE_SHIFT);
	space_start(SPACE_CUSTOM_ODD, POOL_GRANULE_SHIFT);
	image->granule_shift = granule_shift;
	return make_regions(&live_spaces[SPACE_HEAP]) != NULL;
}

static uint64_t *leaf_in(struct chunk_header *chunk, uint64_t i, uintptr_t base)
{
	struct image_leaf_info *infos = (struct image_leaf_info *)(chunk + 1);

	__atomic_store_n(&infos[i].base, base, __ATOMIC_RELEASE);
	return (uint64_t *)((char *)chunk + chunk->data + i * LEAF_BYTES);
}

static struct chunk_header *make_chunk(enum leaf_space space, uint64_t leaves)
{
	struct chunk_header *chunk = image_chunk(leaves * LEAF_BYTES, IMAGE_PAGE);

	if (chunk)
		image_publish(chunk, CHUNK_LEAVES, space, 0, leaves);
	return chunk;
}

/* A leaf's memory: the next one of the current chunk. chunk->reserved counts those taken. */
static uint64_t *take_leaf(enum leaf_space space, uintptr_t base)
{
	struct leaf_source *source = &sources[space];
	struct chunk_header *chunk, *fresh;
	uint64_t leaves = LEAVES_FIRST;

	for (;;) {
		chunk = atomic_load_explicit(&source->chunk, memory_order_acquire);
		if (chunk) {
			uint64_t i = __atomic_fetch_add(&chunk->reserved, 1, __ATOMIC_RELAXED);

			if (i < chunk->rows)
				return leaf_in(chunk, i, base);
		}
		leaves = (uint64_t)LEAVES_FIRST << (2 * atomic_load(&source->made));
		if (atomic_load(&source->made) > 4 || leaves > LEAVES_MAX)
			leaves = LEAVES_MAX;
		fresh = make_chunk(space, leaves);
		if (!fresh)
			return NULL;
		if (atomic_compare_exchange_strong(&source->chunk, &chunk, fresh)) {
			atomic_fetch_add(&source->made, 1);
			continue;
		}
		/* Another thread made one too: use one leaf of ours; the rest was asked for in
		 * vain. */
		__atomic_store_n(&fresh->reserved, 1, __ATOMIC_RELAXED);
		return leaf_in(fresh, 0, base);
	}
}

/* The entry of the leaf for an address that has none, or of the one that another thread made
 * meanwhile; NULL when the image cannot grow. */
static char *make_leaf(enum leaf_space space, uintptr_t address)
{
	struct live_index *index = &live_spaces[space];
	unsigned granule_shift = index->half_shift + 1;
	unsigned leaf_shift = granule_shift + LEAF_SLOTS_SHIFT;
	unsigned leaves_shift = LIVE_REGION_SHIFT - leaf_shift;
	uintptr_t region = address >> LIVE_REGION_SHIFT;
	char *_Atomic *regions = make_regions(index), *_Atomic * entry;
	char *leaves, *leaf, *no_leaf = NULL;
	uint64_t *slots;

	if (!regions)
		return NULL;
	leaves = make_entry(&regions[region], sizeof(leaf) << leaves_shift, region << leaves_shift);
	if (!leaves)
		return NULL;
	entry = live_element(leaves, address >> leaf_shift);
	leaf = atomic_load_explicit(entry, memory_order_acquire);
	if (leaf)
		return leaf;
	slots = take_leaf(space, address >> leaf_shift << leaf_shift);
	if (!slots)
		return NULL;
	leaf = live_entry(slots, address >> leaf_shift << LEAF_SLOTS_SHIFT);
	/* The loser's leaf stays empty. */
	return atomic_compare_exchange_strong(entry, &no_leaf, leaf) ? leaf : no_leaf;
}

SLOW uint64_t *live_make_slot(enum leaf_space space, uintptr_t address)
{
	char *leaf;

	if (address >> LIVE_ADDRESS_BITS)
		return NULL;
	leaf = make_leaf(space, address);
	return leaf ? live_element(leaf, address >> (live_spaces[space].half_shift + 1)) : NULL;
}

/* The slot after that of an address; NULL when there is no leaf. */
static uint64_t *next_slot(enum leaf_space space, uintptr_t address, bool make)
{
	uintptr_t next = address + (2ull << live_spaces[space].half_shift);
	uint64_t *slot = live_find(space, next).slot;

	return slot || !make ? slot : live_make_slot(space, next);
}

SLOW bool live_put_big_size(enum leaf_space space, uintptr_t address, uint64_t size)
{
	uint64_t *slot = next_slot(space, address, true);

	if (!slot)
		return false;
	if (size > SLOT_BIG_SIZE_MAX) {
		size = SLOT_BIG_SIZE_MAX;
		image_count_lost(LOST_SIZE_OVERFLOWS, 1);
	}
	__atomic_store_n(slot, SLOT_OF_BIG_SIZE(size), __ATOMIC_RELEASE);
	return true;
}

uint64_t live_big_size(enum leaf_space space, uintptr_t address)
{
	uint64_t *slot = next_slot(space, address, false);

	return slot && SLOT_IS_SIZE(*slot) ? SLOT_BIG_SIZE(*slot) : 0;
}

void live_restore(enum leaf_space even, uintptr_t address, const struct live_block *block)
{
	uint64_t *slot = live_find(even, address).slot;

	if (slot && block->slot)
		__atomic_store_n(slot, block->slot, __ATOMIC_RELEASE);
}

/* Where a live block's record is; its slot is NULL when there is none. */
static struct live_place occupied(enum leaf_space even, uintptr_t address)
{
	struct live_place place = live_find(even, address);

	if (place.slot && (!*place.slot || SLOT_IS_SIZE(*place.slot) ||
				  (*place.slot & SLOT_HALF) != place.half))
		place.slot = NULL;
	return place;
}

void live_look(enum leaf_space even, uintptr_t address, struct live_block *ret)
{
	struct live_place place = occupied(even, address);

	*ret = (struct live_block){.slot = place.slot ? *place.slot : 0};
	if (!ret->slot)
		return;
	ret->site = ret->slot & SLOT_SITE_MASK;
	ret->size = ret->slot >> SLOT_SIZE_SHIFT & SLOT_SIZE_MASK;
	if (ret->size == SLOT_SIZE_ESCAPE)
		ret->size = live_big_size(place.space, address);
}

void live_watch(const void *block)
{
	struct live_place place = occupied(SPACE_HEAP, (uintptr_t)block);

	if (place.slot)
		*place.slot |= SLOT_WATCH;
}

bool live_resize(enum leaf_space even, uintptr_t address, uint64_t size)
{
	struct live_place place = occupied(even, address);
	uint64_t field = size;

	if (!place.slot)
		return false;
	if (size >= SLOT_SIZE_ESCAPE) {
		if (!live_put_big_size(place.space, address, size))
			return false;
		field = SLOT_SIZE_ESCAPE;
	}
	*place.slot =
		(*place.slot & ~(SLOT_SIZE_MASK << SLOT_SIZE_SHIFT)) | field << SLOT_SIZE_SHIFT;
	return true;
}

/* The block that has its record in a slot, if it begins at or before an address. */
static bool begins_before(
	enum leaf_space space, uintptr_t granule, uint64_t slot, uintptr_t address, uintptr_t *ret)
{
	unsigned half_shift = live_spaces[space].half_shift;

	if (!slot || SLOT_IS_SIZE(slot))
		return false;
	*ret = granule + (slot & SLOT_HALF ? 1ull << half_shift : 0);
	return *ret <= address;
}

#define REGION_BYTES (1ull << LIVE_REGION_SHIFT)

static bool has_leaves(enum leaf_space space, uintptr_t address)
{
	char *_Atomic *regions = atomic_load(&live_spaces[space].regions);

	return regions && address >> LIVE_REGION_SHIFT < LIVE_REGIONS &&
	       atomic_load(&regions[address >> LIVE_REGION_SHIFT]);
}

static bool find_around(enum leaf_space space, uintptr_t address, uintptr_t *ret_start)
{
	unsigned granule_shift = live_spaces[space].half_shift + 1;
	uintptr_t granule = address >> granule_shift << granule_shift;
	uintptr_t leaf_bytes = (uintptr_t)LEAF_SLOTS << granule_shift;

	for (;;) {
		uint64_t *slot = live_slot(space, granule, granule_shift);
		uint64_t size;

		if (slot && begins_before(space, granule, *slot, address, ret_start)) {
			size = *slot >> SLOT_SIZE_SHIFT & SLOT_SIZE_MASK;
			if (size == SLOT_SIZE_ESCAPE)
				size = live_big_size(space, *ret_start);
			return address - *ret_start < (size ? size : 1);
		}
		/* Where there is no leaf, nothing begins in all of it; nor without a directory. */
		if (!slot)
			granule &= ~((has_leaves(space, granule) ? leaf_bytes : REGION_BYTES) - 1);
		if (granule < leaf_bytes)
			return false;
		granule -= 1ull << granule_shift;
	}
}

bool live_find_around(uintptr_t address, uintptr_t *ret_start)
{
	return find_around(SPACE_HEAP, address, ret_start) ||
	       (live_spaces[SPACE_HEAP].odd && find_around(SPACE_HEAP_ODD, address, ret_start));
}

void live_ignore(enum leaf_space even, uintptr_t address, uint32_t ignored_site)
{
	struct live_place place = occupied(even, address);

	if (place.slot)
		*place.slot = (*place.slot & ~SLOT_SITE_MASK) | ignored_site;
}
