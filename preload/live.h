/*
 * The live index: address → record of the block that starts there. A shadow of the address space in
 * three levels, whose leaves lie in the image (image_format.h has the slot's layout).
 *
 * A block's slot belongs to whoever holds the block, between malloc's return and free's call, so
 * plain stores suffice: no lock, no atomic read-modify-write, no hashing. Only making a leaf, once
 * for each 16 KiB of heap, uses a compare-and-swap.
 */
#ifndef LEAK_LIVE_H
#define LEAK_LIVE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/image_format.h"
#include "preload/sys.h"

/* Addresses: level one by the bits above LIVE_REGION_SHIFT, level two by leaf, then by granule. */
#define LIVE_ADDRESS_BITS ARCH_ADDRESS_BITS
#define LIVE_REGION_SHIFT 29
#define LIVE_REGIONS (1u << (LIVE_ADDRESS_BITS - LIVE_REGION_SHIFT))

/* An entry stands for the array of the next level as if that began at address 0, so that it is
 * indexed with an address's high bits as they are; one more than that, because 0 is "none". */
struct live_index {
	/* LIVE_REGIONS entries, each for an array of leaves' entries. Made when first needed. */
	char *_Atomic *_Atomic regions;
	uint32_t half_shift; /* half a granule in bytes, log2 */
	uint32_t odd;        /* 1 where blocks in upper halves of granules lie in the next space */
};

extern struct live_index live_spaces[SPACE_COUNT] __attribute__((visibility("hidden")));

/* One record, decoded. */
struct live_block {
	uint32_t site;
	uint64_t size;
	uint64_t slot; /* as it was, 0 when there is no block */
};

/* Sets the granule for the program's allocator: 5 (32 bytes) where live blocks are never closer,
 * else 4. False when there is no memory. Start-up, also in a forked child. */
bool live_start(unsigned granule_shift);

/* The slot of an address in a space, its leaf made if need be. NULL when the image cannot grow. */
uint64_t *live_make_slot(enum leaf_space space, uintptr_t address);

/* Marks the block at this address, if it is live, so that freeing it is noticed. */
void live_watch(const void *block);

/* Where the record of a block at some address is. */
struct live_place {
	uint64_t *slot;        /* NULL: there is no leaf yet */
	uint64_t half;         /* SLOT_HALF or 0 */
	enum leaf_space space; /* that of upper halves, if two blocks may share a granule */
};

#define LEAF_SLOTS_SHIFT 9
_Static_assert(LEAF_SLOTS == 1u << LEAF_SLOTS_SHIFT, "its log2");
#define SLOT_HALF_SHIFT 24
_Static_assert(SLOT_HALF == 1u << SLOT_HALF_SHIFT, "its log2");

/* Does the heap have the wide granules of glibc's blocks, or narrow ones? The hot path has code for
 * each. */
#define LIVE_WIDE_SHIFT 5
#define LIVE_NARROW_SHIFT 4
extern bool live_is_wide __attribute__((visibility("hidden")));

/* Which bit of an address, shifted to SLOT_HALF, is in a record of the heap: that of half a wide
 * granule, or none. */
extern uint64_t live_heap_half __attribute__((visibility("hidden")));

/* The entry for an array at `array` whose first element stands for the number `first`. */
HOT char *live_entry(void *array, uintptr_t first)
{
	return (char *)((uintptr_t)array - first * 8 + 1);
}

/* The element that stands for a number. Not NULL, which the compiler knows of a sum. It goes around
 * the end of the address space on purpose. */
__attribute__((no_sanitize("pointer-overflow"))) HOT void *live_element(
	char *entry, uintptr_t number)
{
	return entry + (number * 8 - 1);
}

/* The slot of a space at an address; NULL when there is no leaf yet. */
HOT uint64_t *live_slot(enum leaf_space space, uintptr_t address, unsigned granule_shift)
{
	char *_Atomic *regions =
		atomic_load_explicit(&live_spaces[space].regions, memory_order_acquire);
	uintptr_t region = address >> LIVE_REGION_SHIFT;
	char *leaves, *leaf, *_Atomic *entry;

	/* The heap's directory is there from the start. */
	if (unlikely(region >= LIVE_REGIONS) || (space != SPACE_HEAP && !regions))
		return NULL;
	leaves = atomic_load_explicit(&regions[region], memory_order_acquire);
	if (unlikely(!leaves))
		return NULL;
	entry = live_element(leaves, address >> (granule_shift + LEAF_SLOTS_SHIFT));
	leaf = atomic_load_explicit(entry, memory_order_acquire);
	return likely(leaf != NULL) ? live_element(leaf, address >> granule_shift) : NULL;
}

HOT struct live_place live_find(enum leaf_space even, uintptr_t address)
{
	const struct live_index *index = &live_spaces[even];
	uintptr_t half = address >> index->half_shift;
	struct live_place place = {.half = half & 1 ? SLOT_HALF : 0};

	place.space = even + (enum leaf_space)(half & index->odd);
	place.slot = live_slot(place.space, address, index->half_shift + 1);
	return place;
}

/* The slot of a block of the heap, quickly; NULL when there is no leaf yet, and for a block of 8
 * bytes in the upper half of a narrow granule. */
HOT uint64_t *live_ordinary_slot(uintptr_t address)
{
	if (likely(live_is_wide))
		return live_slot(SPACE_HEAP, address, LIVE_WIDE_SHIFT);
	if (unlikely(address & 1u << (LIVE_NARROW_SHIFT - 1)))
		return NULL;
	return live_slot(SPACE_HEAP, address, LIVE_NARROW_SHIFT);
}

/* The half that the record in such a slot has: SLOT_HALF or 0. */
HOT uint64_t live_ordinary_half(uintptr_t address)
{
	return address << (SLOT_HALF_SHIFT - LIVE_WIDE_SHIFT + 1) & live_heap_half;
}

/* Writes a block's size into the slot after its own, for sizes that the record has no room for.
 * Out of line: blocks of half a KiB and more. False when the image cannot grow. */
bool live_put_big_size(enum leaf_space space, uintptr_t address, uint64_t size);
uint64_t live_big_size(enum leaf_space space, uintptr_t address);

/* The slot after this one, if it lies in the same leaf; else NULL. */
HOT uint64_t *live_next_in_leaf(uint64_t *slot)
{
	return likely((uintptr_t)(slot + 1) % LEAF_BYTES) ? slot + 1 : NULL;
}

/* An ordinary record, of a block whose size fits into it. `moment` is as hot.slot_moment. */
HOT uint64_t live_record(uint64_t half, uint32_t site, uint64_t size, uint64_t moment)
{
	return site | half | size << SLOT_SIZE_SHIFT | moment;
}

/* Records a live block at the place that live_find gave for it. False when it could not be.
 * `ret_old` gets the record that was there: a block whose free was never seen, or 0. */
HOT bool live_put(struct live_place place, uintptr_t address, uint32_t site, uint64_t size,
	uint64_t moment, uint64_t *ret_old)
{
	uint64_t old;

	if (unlikely(!place.slot) && !(place.slot = live_make_slot(place.space, address)))
		return false;
	old = *place.slot;
	*ret_old = unlikely(old && SLOT_IS_SIZE(old)) ? 0 : old;
	if (unlikely(size >= SLOT_SIZE_ESCAPE)) {
		if (!live_put_big_size(place.space, address, size))
			return false;
		size = SLOT_SIZE_ESCAPE;
	}
	__atomic_store_n(place.slot, live_record(place.half, site, size, moment), __ATOMIC_RELEASE);
	return true;
}

/* Takes a block's record out. ret->slot is 0 when no block is known there. */
HOT void live_take(enum leaf_space even, uintptr_t address, struct live_block *ret)
{
	struct live_place place = live_find(even, address);
	uint64_t record;

	ret->slot = 0;
	if (unlikely(!place.slot))
		return;
	record = *place.slot;
	if (unlikely(!record || SLOT_IS_SIZE(record) || (record & SLOT_HALF) != place.half))
		return;
	*place.slot = 0;
	ret->slot = record;
	ret->site = record & SLOT_SITE_MASK;
	ret->size = record >> SLOT_SIZE_SHIFT & SLOT_SIZE_MASK;
	if (unlikely(ret->size == SLOT_SIZE_ESCAPE))
		ret->size = live_big_size(place.space, address);
}

/* What is recorded of the block at an address. ret->slot is 0 when no block is known there. */
void live_look(enum leaf_space even, uintptr_t address, struct live_block *ret);

/* Puts a taken record back, unchanged (realloc failed). */
void live_restore(enum leaf_space even, uintptr_t address, const struct live_block *block);

/* Changes a live block's size; false when there is none or it cannot be. The caller holds the
 * block. */
bool live_resize(enum leaf_space even, uintptr_t address, uint64_t size);

/* The start of the live block of the heap that an address is in; false when it is in none. Rarely
 * called: it looks at the slots before the address one by one. */
bool live_find_around(uintptr_t address, uintptr_t *ret_start);

/* Gives a live block to another site, whose blocks are not reported. The caller holds the block. */
void live_ignore(enum leaf_space even, uintptr_t address, uint32_t ignored_site);

#endif
