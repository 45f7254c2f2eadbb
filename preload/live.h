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
#define LIVE_ADDRESS_BITS 47
#define LIVE_REGION_SHIFT 29
#define LIVE_REGIONS (1u << (LIVE_ADDRESS_BITS - LIVE_REGION_SHIFT))

struct live_index {
	/* LIVE_REGIONS entries, each an array of 2^(29-leaf_shift) leaves. Made when first needed.
	 */
	uint64_t *_Atomic *_Atomic *_Atomic regions;
	unsigned granule_shift; /* bytes per slot, log2 */
	unsigned leaf_shift;    /* bytes per leaf, log2 */
};

extern struct live_index live_spaces[SPACE_COUNT];

/* One record, decoded. */
struct live_block {
	uint32_t site;
	uint64_t size;
	uint64_t slot; /* as it was, 0 when there is no block */
};

/* Sets the granule for the program's allocator: 5 (32 bytes) where live blocks are never closer,
 * else 4. Start-up, also in a forked child. */
void live_start(unsigned granule_shift);

/* Makes the leaf for an address. NULL when the image cannot grow. */
uint64_t *live_make_leaf(enum leaf_space space, uintptr_t address);

/* Marks the block at this address, if it is live, so that freeing it is noticed. */
void live_watch(const void *block);

/* The index that holds blocks at this address: those in the upper half of a granule that two blocks
 * may share have one of their own. */
static inline enum leaf_space live_space(enum leaf_space even, uintptr_t address)
{
	unsigned shift = live_spaces[even].granule_shift;

	return (enum leaf_space)(even + (shift == 4 ? (address >> 3) & 1 : 0));
}

/* The slot of an address, or NULL when there is no leaf. */
static inline uint64_t *live_slot(enum leaf_space space, uintptr_t address)
{
	const struct live_index *index = &live_spaces[space];
	uint64_t *_Atomic *_Atomic *regions =
		atomic_load_explicit(&index->regions, memory_order_acquire);
	uint64_t *_Atomic *leaves;
	uint64_t *leaf;

	if (unlikely(address >> LIVE_ADDRESS_BITS) || unlikely(!regions))
		return NULL;
	leaves = atomic_load_explicit(&regions[address >> LIVE_REGION_SHIFT], memory_order_acquire);
	if (unlikely(!leaves))
		return NULL;
	leaf = atomic_load_explicit(
		&leaves[(address & ((1ull << LIVE_REGION_SHIFT) - 1)) >> index->leaf_shift],
		memory_order_acquire);
	if (unlikely(!leaf))
		return NULL;
	return &leaf[(address >> index->granule_shift) & (LEAF_SLOTS - 1)];
}

static inline uint64_t live_half(enum leaf_space space, uintptr_t address)
{
	return (address >> (live_spaces[space].granule_shift - 1)) & 1 ? SLOT_HALF : 0;
}

/* Writes a block's size into the slot after its own, for sizes that the record has no room for.
 * Out of line: blocks of half a KiB and more. False when the image cannot grow. */
bool live_put_big_size(enum leaf_space space, uintptr_t address, uint64_t size);
uint64_t live_big_size(enum leaf_space space, uintptr_t address);

/* Both of these take the space that live_space gave for the address.
 *
 * Where a block's record will go, on its way into the cache while its stack is walked; NULL when
 * there is no leaf yet. */
static inline uint64_t *live_expect(enum leaf_space space, uintptr_t address)
{
	uint64_t *slot = live_slot(space, address);

	__builtin_prefetch(slot, 1);
	return slot;
}

/* Records a live block; `slot` is what live_expect gave. False when it could not be. `ret_old` gets
 * the record that was there: a block whose free was never seen, or 0. */
static inline bool live_put(enum leaf_space space, uintptr_t address, uint64_t *slot, uint32_t site,
	uint64_t size, uint64_t moment, uint64_t *ret_old)
{
	uint64_t old, record;

	if (unlikely(!slot)) {
		if (!live_make_leaf(space, address))
			return false;
		slot = live_slot(space, address);
	}
	if (unlikely(moment > SLOT_MOMENT_MAX))
		moment = SLOT_MOMENT_MAX;
	record = site | live_half(space, address) | moment << SLOT_MOMENT_SHIFT;
	old = *slot;
	*ret_old = SLOT_IS_SIZE(old) ? 0 : old;
	if (likely(size < SLOT_SIZE_ESCAPE)) {
		record |= size << SLOT_SIZE_SHIFT;
	} else {
		if (!live_put_big_size(space, address, size))
			return false;
		record |= SLOT_SIZE_ESCAPE << SLOT_SIZE_SHIFT;
	}
	__atomic_store_n(slot, record, __ATOMIC_RELEASE);
	return true;
}

/* Takes a block's record out. ret->slot is 0 when no block is known there. */
static inline void live_take(enum leaf_space even, uintptr_t address, struct live_block *ret)
{
	enum leaf_space space = live_space(even, address);
	uint64_t *slot = live_slot(space, address), record;

	ret->slot = 0;
	if (unlikely(!slot))
		return;
	record = *slot;
	if (unlikely(!record || SLOT_IS_SIZE(record) ||
		     (record & SLOT_HALF) != live_half(space, address)))
		return;
	*slot = 0;
	ret->slot = record;
	ret->site = record & SLOT_SITE_MASK;
	ret->size = record >> SLOT_SIZE_SHIFT & SLOT_SIZE_MASK;
	if (unlikely(ret->size == SLOT_SIZE_ESCAPE))
		ret->size = live_big_size(space, address);
}

/* Puts a taken record back, unchanged (realloc failed). */
void live_restore(enum leaf_space even, uintptr_t address, const struct live_block *block);

/* Changes a live block's size; false when there is none or it cannot be. The caller holds the
 * block. */
bool live_resize(enum leaf_space even, uintptr_t address, uint64_t size);

/* Gives a live block to another site, whose blocks are not reported. The caller holds the block. */
void live_ignore(enum leaf_space even, uintptr_t address, uint32_t ignored_site);

#endif
