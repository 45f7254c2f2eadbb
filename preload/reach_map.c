/*
 * The blocks of a scan, see reach_map.h. They are added in the order of addresses, so a page is
 * laid out when the first block behind it comes.
 */
#include "preload/reach_map.h"

struct reach_large_piece {
	struct reach_large_piece *next; /* the one before it */
	size_t count;
	struct reach_large large[126];
};

static uint64_t page_address(const struct reach_unit *unit, unsigned page)
{
	return unit->number << REACH_UNIT_SHIFT | (uint64_t)page << REACH_PAGE_SHIFT;
}

/* The unit of a page, made if need be. Pages come in order. */
static struct reach_unit *unit_of(struct reach_map *map, uint64_t page)
{
	uint64_t number = page >> (REACH_UNIT_SHIFT - REACH_PAGE_SHIFT);
	struct reach_unit *unit = map->last_unit;

	if (unit && unit->number == number)
		return unit;
	unit = reach_memory_take(&map->memory, sizeof(*unit), 64);
	if (!unit)
		return NULL;
	unit->number = number;
	if (map->last_unit)
		map->last_unit->next = unit;
	else
		map->first_unit = unit;
	map->last_unit = unit;
	map->units_count++;
	return unit;
}

/* Fills in the cells of a page that has all its records. */
static void set_starts(struct reach_cell *cells, size_t cells_count, unsigned shift,
	const uint64_t *records, uint32_t count)
{
	uint32_t i = 0;

	for (size_t c = 0; c < cells_count; c++) {
		cells[c].before = i;
		for (; i < count; i++) {
			uint64_t granule = (records[i] & (REACH_PAGE_BYTES - 1)) >> shift;

			if (granule >> 6 != c)
				break;
			cells[c].starts |= (uint64_t)1 << (granule & 63);
		}
	}
}

/* Lays out the open page. */
static bool close_page(struct reach_map *map)
{
	unsigned shift = map->open.shift;
	size_t cells_count = (size_t)1 << (REACH_PAGE_SHIFT - 6 - shift);
	unsigned page = (unsigned)map->open.page & (REACH_UNIT_PAGES - 1);
	struct reach_unit *unit;
	struct reach_cell *cells;
	uint64_t *paths = NULL;

	if (!map->open.count)
		return true;
	unit = unit_of(map, map->open.page);
	if (!unit)
		return false;
	if (map->flags & REACH_PATHS) {
		paths = reach_memory_take(&map->memory, map->open.count * sizeof(*paths), 8);
		if (!paths)
			return false;
	}
	cells = reach_memory_take(&map->memory, cells_count * sizeof(*cells), sizeof(*cells));
	if (!cells)
		return false;
	set_starts(cells, cells_count, shift, map->open.records, map->open.count);
	unit->pages[page].cells = (uintptr_t)cells | shift;
	unit->pages[page].records = map->open.records;
	unit->more[page].count = map->open.count;
	unit->more[page].before = map->open.before;
	unit->more[page].paths = paths;
	map->open.count = 0;
	map->open.records = NULL;
	return true;
}

/* What a page has as `before` when the last block starts before it. */
static uint32_t before(const struct reach_map *map, uint64_t page)
{
	if (!map->blocks || page > (map->last_end - 1) >> REACH_PAGE_SHIFT)
		return 0;
	return map->last_large ? REACH_BEFORE_LARGE
			       : (uint32_t)((page << REACH_PAGE_SHIFT) - map->last_start);
}

/* Notes in the pages between the last block's first one and this one that it reaches into them.
 * Large ones are found by their array. */
static bool cover_pages(struct reach_map *map, uint64_t until)
{
	uint64_t page = (map->last_start >> REACH_PAGE_SHIFT) + 1;

	if (map->last_large)
		return true;
	if (page < map->covered) /* by a call that ran out of memory later */
		page = map->covered;
	for (; page < until && before(map, page); page++) {
		struct reach_unit *unit = unit_of(map, page);

		if (!unit)
			return false;
		unit->more[page & (REACH_UNIT_PAGES - 1)].before = before(map, page);
		map->covered = page + 1;
	}
	return true;
}

static bool open_page(struct reach_map *map, uint64_t page)
{
	if (map->blocks) {
		if (page == map->open.page)
			return true;
		if (!close_page(map) || !cover_pages(map, page))
			return false;
	}
	map->open.before = before(map, page);
	map->open.page = page;
	map->open.shift = REACH_GRANULE_SHIFT_MAX;
	return true;
}

static bool add_large(struct reach_map *map, uint64_t address, uint64_t size)
{
	struct reach_large_piece *piece = map->large_pieces;

	if (!piece || piece->count == sizeof(piece->large) / sizeof(piece->large[0])) {
		piece = reach_memory_take(&map->memory, sizeof(*piece), 8);
		if (!piece)
			return false;
		piece->next = map->large_pieces;
		map->large_pieces = piece;
	}
	piece->large[piece->count++] = (struct reach_large){.address = address, .size = size};
	map->large_count++;
	return true;
}

bool reach_map_add(struct reach_map *map, uint64_t address, uint64_t size, uint32_t site)
{
	uint64_t covered = size ? size : 1;
	bool large = size >= REACH_RECORD_LARGE;
	uint64_t offset = address & (REACH_PAGE_BYTES - 1);
	uint64_t *records;

	if ((map->blocks && address < map->last_end) || covered > UINT64_MAX - address)
		return false;
	if (!open_page(map, address >> REACH_PAGE_SHIFT))
		return false;
	records = reach_memory_grow(&map->memory, map->open.records,
		map->open.count * sizeof(*records), sizeof(*records));
	if (!records)
		return false;
	map->open.records = records;
	if (large && !add_large(map, address, size))
		return false;
	if (map->open.count) {
		uint64_t apart = offset ^ (records[map->open.count - 1] & (REACH_PAGE_BYTES - 1));
		unsigned shift = 63 - (unsigned)__builtin_clzll(apart);

		if (shift < map->open.shift)
			map->open.shift = shift;
	}
	records[map->open.count++] =
		offset | (large ? REACH_RECORD_LARGE : size) << REACH_RECORD_SIZE_SHIFT |
		(uint64_t)(site & 0xffffff) << REACH_RECORD_SITE_SHIFT;
	if (map->blocks && address - map->last_end > map->hole_bytes) {
		map->hole = map->last_end;
		map->hole_bytes = address - map->last_end;
	}
	if (!map->blocks++)
		map->low = address;
	map->last_start = address;
	map->last_end = address + covered;
	map->last_large = large;
	return true;
}

static bool flatten_large(struct reach_map *map)
{
	size_t at = map->large_count;
	const struct reach_large *last;

	if (!at || map->large)
		return true;
	map->large = reach_memory_take(&map->memory, at * sizeof(*map->large), 8);
	if (!map->large)
		return false;
	for (const struct reach_large_piece *piece = map->large_pieces; piece;
		piece = piece->next) {
		for (size_t i = piece->count; i--;)
			map->large[--at] = piece->large[i];
	}
	last = &map->large[map->large_count - 1];
	map->large_low = map->large[0].address;
	map->large_span = last->address + last->size - map->large_low;
	return true;
}

static bool index_units(struct reach_map *map)
{
	unsigned bits = 1;
	size_t mask, count = 0;

	while ((size_t)1 << bits < 2 * map->units_count)
		bits++;
	mask = ((size_t)1 << bits) - 1;
	map->slots = reach_memory_take(&map->memory, sizeof(*map->slots) << bits, 64);
	map->units = reach_memory_take(&map->memory, sizeof(*map->units) * map->units_count, 8);
	if (!map->slots || !map->units)
		return false;
	map->slots_shift = 64 - bits;
	for (struct reach_unit *unit = map->first_unit; unit; unit = unit->next) {
		size_t at = (size_t)(unit->number * 0x9e3779b97f4a7c15ull >> map->slots_shift);

		while (map->slots[at].unit)
			at = (at + 1) & mask;
		map->slots[at].number = unit->number;
		map->slots[at].unit = unit;
		map->units[count++] = unit;
	}
	return true;
}

bool reach_map_ready(struct reach_map *map)
{
	if (map->blocks) {
		if (!close_page(map) || !cover_pages(map, UINT64_MAX))
			return false;
		map->span = map->last_end - map->low;
	}
	return flatten_large(map) && index_units(map);
}

/* The last large block that starts at or before an address. */
static const struct reach_large *large_before(const struct reach_map *map, uint64_t address)
{
	size_t low = 0, high = map->large_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (map->large[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &map->large[low - 1] : NULL;
}

uint64_t reach_map_large_size(const struct reach_map *map, uint64_t start)
{
	const struct reach_large *large = large_before(map, start);

	return large && large->address == start ? large->size : 0;
}

/* The last block of its page that starts at or before an address. */
static bool last_start(const struct reach_map *map, struct reach_unit *unit, uint64_t address,
	struct reach_hit *ret)
{
	const struct reach_page *page = &unit->pages[reach_page_number(address)];
	uint64_t page_at = address & ~(REACH_PAGE_BYTES - 1);
	uint32_t rank;

	if (!page->records)
		return false;
	rank = reach_page_rank(page, address);
	if (rank && reach_record_start(page->records[rank - 1], page_at) > address)
		rank--;
	if (!rank)
		return false;
	ret->unit = unit;
	ret->record = &page->records[rank - 1];
	ret->start = reach_record_start(*ret->record, page_at);
	ret->size = reach_record_size(map, *ret->record, ret->start);
	return true;
}

bool reach_map_find(const struct reach_map *map, uint64_t address, struct reach_hit *ret)
{
	struct reach_unit *unit;
	const struct reach_large *large;
	uint32_t back;

	if (address - map->low >= map->span)
		return false;
	unit = reach_map_unit(map, address);
	if (unit) {
		if (last_start(map, unit, address, ret))
			return address - ret->start < (ret->size ? ret->size : 1);
		back = unit->more[reach_page_number(address)].before;
		if (back && back != REACH_BEFORE_LARGE) {
			uint64_t start = (address & ~(REACH_PAGE_BYTES - 1)) - back;

			unit = reach_map_unit(map, start);
			return unit && last_start(map, unit, start, ret) &&
			       address - ret->start < ret->size;
		}
	}
	large = large_before(map, address);
	if (!large || address - large->address >= large->size)
		return false;
	unit = reach_map_unit(map, large->address);
	return unit && last_start(map, unit, large->address, ret);
}

/* The next unit or page that has a record at the cursor's index. */
static void settle(struct reach_cursor *cursor)
{
	while (cursor->unit) {
		for (; cursor->page < REACH_UNIT_PAGES; cursor->page++, cursor->index = 0) {
			if (cursor->index < cursor->unit->more[cursor->page].count)
				return;
		}
		cursor->unit = cursor->unit->next;
		cursor->page = 0;
	}
}

void reach_map_seek(const struct reach_map *map, uint64_t address, struct reach_cursor *ret)
{
	uint64_t number = address >> REACH_UNIT_SHIFT;
	size_t low = 0, high = map->units_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (map->units[middle]->number < number)
			low = middle + 1;
		else
			high = middle;
	}
	*ret = (struct reach_cursor){.unit = low < map->units_count ? map->units[low] : NULL};
	if (ret->unit && ret->unit->number == number) {
		const struct reach_page *page;

		ret->page = reach_page_number(address);
		page = &ret->unit->pages[ret->page];
		if (page->records) {
			uint32_t rank = reach_page_rank(page, address);

			if (rank && (page->records[rank - 1] & (REACH_PAGE_BYTES - 1)) >=
					    (address & (REACH_PAGE_BYTES - 1)))
				rank--;
			ret->index = rank;
		}
	}
	settle(ret);
}

void reach_map_skip_page(struct reach_cursor *cursor)
{
	cursor->index = cursor->unit->more[cursor->page].count;
	settle(cursor);
}

bool reach_map_next(const struct reach_map *map, struct reach_cursor *cursor, struct reach_hit *ret)
{
	if (!cursor->unit)
		return false;
	ret->unit = cursor->unit;
	ret->record = &cursor->unit->pages[cursor->page].records[cursor->index];
	ret->start = reach_record_start(*ret->record, page_address(cursor->unit, cursor->page));
	ret->size = reach_record_size(map, *ret->record, ret->start);
	cursor->index++;
	settle(cursor);
	return true;
}
