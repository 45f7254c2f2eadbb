/*
 * The blocks of a scan, by their addresses.
 *
 * The address space is taken in pages of 64 KiB, 64 of which are a unit. A page has an array of its
 * blocks' records in the order of addresses, and a bitmap of where they start: one bit for a
 * granule, as many bytes as can be without two starts in one (from 1 byte to 1 KiB; under glibc 16
 * to 128). The bits of 64 granules are a cell, with the number of records before it: so the last
 * block that starts at or before an address is found by counting bits, without a search. Units are
 * found by a hash; there are none where there are no blocks.
 *
 * Large blocks (1 MiB and more) are in a sorted array, too: it has their size, and is searched for
 * pointers to the middle of them.
 */
#ifndef LEAK_REACH_MAP_H
#define LEAK_REACH_MAP_H

#include "preload/reach_memory.h"

#define REACH_PAGE_SHIFT 16
#define REACH_PAGE_BYTES ((uint64_t)1 << REACH_PAGE_SHIFT)
#define REACH_UNIT_SHIFT 22
#define REACH_UNIT_PAGES 64
#define REACH_GRANULE_SHIFT_MAX 10 /* a page is one cell */

/* A record: 16 bits start - page, 20 bits size, 24 bits site, 3 bits class, 1 bit pending. */
#define REACH_RECORD_SIZE_SHIFT 16
#define REACH_RECORD_SITE_SHIFT 36
#define REACH_RECORD_CLASS_SHIFT 60
#define REACH_RECORD_LARGE 0xfffffu /* as a size: see the array of large ones */
#define REACH_RECORD_PENDING ((uint64_t)1 << 63)

#define REACH_BEFORE_LARGE UINT32_MAX

/* Of 64 granules, a bit for each; half a cache line. */
struct reach_cell {
	uint64_t starts;
	uint64_t settled; /* of these: reachable or indirectly lost, no pointer changes that */
	uint64_t pending; /* of these: to be followed, and found no room on the stack */
	uint32_t before;  /* records of this page before this cell */
};

/* What a look-up needs of a page. */
struct reach_page {
	uintptr_t cells; /* their address, with the granule's shift in the low 4 bits */
	uint64_t *records;
};

/* The rest. */
struct reach_page_more {
	uint32_t count;    /* of records */
	uint32_t before;   /* how far before it the block starts that reaches into it; 0: none */
	uint32_t *leaders; /* of lost blocks: the clique's number, see reach_cliques.h */
	uint64_t *paths;   /* see reach_paths.h */
};

struct reach_unit {
	uint64_t number; /* address >> REACH_UNIT_SHIFT */
	struct reach_unit *next;
	uint64_t pending; /* pages with blocks that found no room on the stack */
	struct reach_page pages[REACH_UNIT_PAGES];
	struct reach_page_more more[REACH_UNIT_PAGES];
};

struct reach_slot {
	uint64_t number;
	struct reach_unit *unit; /* NULL: free */
};

struct reach_large {
	uint64_t address, size;
};

struct reach_map {
	struct reach_memory memory;
	uint64_t flags;
	uint64_t low, span;        /* all blocks are in [low, low + span), */
	uint64_t hole, hole_bytes; /* and none is here: often between the heap and mapped blocks */
	uint64_t blocks;

	struct reach_slot *slots; /* a power of two of them, half of them free */
	unsigned slots_shift;     /* 64 - log2 of their number */
	struct reach_unit *first_unit, *last_unit;
	struct reach_unit **units; /* in order */
	size_t units_count;

	struct reach_large *large; /* in order */
	size_t large_count;
	uint64_t large_low, large_span; /* they are in [large_low, large_low + large_span) */

	/* Until reach_map_ready: the page that is being filled, and the last block. */
	struct {
		uint64_t page; /* address >> REACH_PAGE_SHIFT */
		uint64_t *records;
		uint32_t count, before;
		unsigned shift;
	} open;
	uint64_t last_start, last_end;
	bool last_large;
	uint64_t covered; /* pages before this one know of blocks that reach into them */
	struct reach_large_piece *large_pieces;
};

/* A block that was found. */
struct reach_hit {
	struct reach_unit *unit;
	uint64_t *record;
	uint64_t start, size;
};

/* A place in the order of addresses. */
struct reach_cursor {
	struct reach_unit *unit; /* NULL: behind the last block */
	unsigned page;
	uint32_t index;
};

/* See reach_add, reach_ready. */
bool reach_map_add(struct reach_map *map, uint64_t address, uint64_t size, uint32_t site);
bool reach_map_ready(struct reach_map *map);

/* The block that covers an address; one of 0 bytes covers its start. Any address. */
bool reach_map_find(const struct reach_map *map, uint64_t address, struct reach_hit *ret);

/* The size of a large block that starts there. */
uint64_t reach_map_large_size(const struct reach_map *map, uint64_t start);

/* A cursor at the first block that starts at or behind an address. */
void reach_map_seek(const struct reach_map *map, uint64_t address, struct reach_cursor *ret);

/* The block at the cursor, which goes on to the next one. False behind the last. */
bool reach_map_next(
	const struct reach_map *map, struct reach_cursor *cursor, struct reach_hit *ret);

/* The cursor goes to the first block behind its page. */
void reach_map_skip_page(struct reach_cursor *cursor);

static inline struct reach_cell *reach_page_cell(const struct reach_page *page, uint64_t address)
{
	unsigned shift = page->cells & 15;
	uint64_t within = address & (REACH_PAGE_BYTES - 1);

	return (struct reach_cell *)(page->cells & ~(uintptr_t)15) + (within >> shift >> 6);
}

/* The granule of an address in its cell. */
static inline unsigned reach_page_granule(const struct reach_page *page, uint64_t address)
{
	return (unsigned)((address & (REACH_PAGE_BYTES - 1)) >> (page->cells & 15)) & 63;
}

/* How many of a cell's granules up to this one have a start. */
static inline uint32_t reach_cell_count(const struct reach_cell *cell, unsigned granule)
{
	uint64_t bits = cell->starts << (63 - granule);

	/* The instruction that counts bits is not on every processor of this kind. */
	bits -= bits >> 1 & 0x5555555555555555ull;
	bits = (bits & 0x3333333333333333ull) + (bits >> 2 & 0x3333333333333333ull);
	bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0full;
	return (uint32_t)(bits * 0x0101010101010101ull >> 56);
}

/* How many records of the page start in the granule of the address or before it. */
static inline uint32_t reach_page_rank(const struct reach_page *page, uint64_t address)
{
	const struct reach_cell *cell = reach_page_cell(page, address);

	return cell->before + reach_cell_count(cell, reach_page_granule(page, address));
}

static inline struct reach_unit *reach_map_unit(const struct reach_map *map, uint64_t address)
{
	uint64_t number = address >> REACH_UNIT_SHIFT;
	size_t mask = ((size_t)1 << (64 - map->slots_shift)) - 1;
	size_t at = (size_t)(number * 0x9e3779b97f4a7c15ull >> map->slots_shift);

	for (;; at = (at + 1) & mask) {
		const struct reach_slot *slot = &map->slots[at];

		if (!slot->unit || slot->number == number)
			return slot->unit;
	}
}

static inline unsigned reach_page_number(uint64_t address)
{
	return (unsigned)(address >> REACH_PAGE_SHIFT) & (REACH_UNIT_PAGES - 1);
}

static inline uint64_t reach_record_start(uint64_t record, uint64_t page_address)
{
	return page_address + (record & (REACH_PAGE_BYTES - 1));
}

static inline uint64_t reach_record_size(
	const struct reach_map *map, uint64_t record, uint64_t start)
{
	uint64_t size = record >> REACH_RECORD_SIZE_SHIFT & REACH_RECORD_LARGE;

	return __builtin_expect(size == REACH_RECORD_LARGE, 0) ? reach_map_large_size(map, start)
							       : size;
}

static inline uint32_t reach_record_site(uint64_t record)
{
	return (uint32_t)(record >> REACH_RECORD_SITE_SHIFT) & 0xffffff;
}

static inline unsigned reach_record_class(uint64_t record)
{
	return (unsigned)(record >> REACH_RECORD_CLASS_SHIFT) & 7;
}

static inline uint64_t reach_record_classed(uint64_t record, enum reach_class class)
{
	return (record & ~((uint64_t)7 << REACH_RECORD_CLASS_SHIFT)) |
	       (uint64_t) class << REACH_RECORD_CLASS_SHIFT;
}

#endif
