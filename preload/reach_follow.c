/*
 * Following what is marked, see reach_follow.h. The contents of the next few blocks are fetched
 * while one is read.
 */
#include "preload/reach_follow.h"
#include "preload/reach_read.h"
#include "preload/reach_stack.h"
#include "preload/reach_words.h"

#define PEEK_AHEAD 12
#define FEW 32768 /* blocks that a pass followed: the next ones are for the stack */

static void read_block(struct reach *reach, struct reach_entry entry)
{
	bool definite = reach_record_class(*entry.record) != REACH_POSSIBLE;

	*entry.record &= ~REACH_RECORD_PENDING;
	if (reach->definite != definite) {
		reach_words_flush(reach);
		reach->definite = definite;
	}
	reach->counts.block_bytes += reach_words_range(reach, entry.start,
		entry.start + reach_record_size(&reach->map, *entry.record, entry.start));
}

/* The first of those whose contents are being fetched. */
static void read_first(struct reach *reach)
{
	struct reach_entry entry = reach->ahead[reach->ahead_first];

	reach->ahead_first = (reach->ahead_first + 1) % REACH_AHEAD;
	reach->ahead_count--;
	read_block(reach, entry);
}

static void read_later(struct reach *reach, struct reach_entry entry)
{
	if (reach->ahead_count == REACH_AHEAD)
		read_first(reach);
	reach_fetch(reach, entry.start);
	reach->ahead[(reach->ahead_first + reach->ahead_count++) % REACH_AHEAD] = entry;
}

static void empty_stack(struct reach *reach)
{
	struct reach_entry entry;

	for (;;) {
		while (reach_stack_pop(reach, &entry))
			read_later(reach, entry);
		if (reach->ahead_count) {
			read_first(reach);
			continue;
		}
		reach_words_flush(reach);
		if (!reach->stack_count)
			return;
	}
}

/* Follows the pending blocks of a cell. How many. */
static size_t pass_cell(struct reach *reach, const struct reach_page *page, struct reach_cell *cell,
	uint64_t page_at)
{
	size_t count = 0;

	for (; cell->pending; count++) {
		unsigned granule = (unsigned)__builtin_ctzll(cell->pending);
		uint64_t *record =
			&page->records[cell->before + reach_cell_count(cell, granule) - 1];

		cell->pending &= cell->pending - 1;
		read_later(reach, (struct reach_entry){.record = record,
					  .start = reach_record_start(*record, page_at)});
	}
	return count;
}

/* Follows all that are pending, in the order of addresses. How many. */
static size_t pass(struct reach *reach)
{
	size_t count = 0;

	for (struct reach_unit *unit = reach->map.first_unit; unit; unit = unit->next) {
		while (unit->pending) {
			unsigned number = (unsigned)__builtin_ctzll(unit->pending);
			struct reach_page *page = &unit->pages[number];
			struct reach_cell *cell = reach_page_cell(page, 0);
			const struct reach_cell *last = reach_page_cell(page, REACH_PAGE_BYTES - 1);
			uint64_t page_at = unit->number << REACH_UNIT_SHIFT |
					   (uint64_t)number << REACH_PAGE_SHIFT;

			unit->pending &= unit->pending - 1;
			for (; cell <= last; cell++)
				count += pass_cell(reach, page, cell, page_at);
			if (!reach->passing)
				empty_stack(reach);
		}
	}
	empty_stack(reach);
	return count;
}

void reach_follow(struct reach *reach)
{
	empty_stack(reach);
	while (reach->pending) {
		reach->pending = false;
		if (pass(reach) < FEW)
			reach->passing = false;
	}
	reach->passing = false;
}

/* Has fetched what the blocks of a page point at, as far as they may become leaders. */
static void peek_page(struct reach *reach, const struct reach_unit *unit, unsigned number)
{
	const struct reach_page *page = &unit->pages[number];
	uint64_t page_at = unit->number << REACH_UNIT_SHIFT | (uint64_t)number << REACH_PAGE_SHIFT;

	for (uint32_t i = 0; i < unit->more[number].count; i++) {
		uint64_t record = page->records[i], start = reach_record_start(record, page_at);

		if (i + PEEK_AHEAD < unit->more[number].count) {
			uint64_t next = page->records[i + PEEK_AHEAD];

			if (reach_record_class(next) == REACH_NOT_CLASSED)
				reach_fetch(reach, reach_record_start(next, page_at));
		}
		if (reach_record_class(record) == REACH_NOT_CLASSED)
			reach_words_peek(reach, start,
				start + (record >> REACH_RECORD_SIZE_SHIFT & REACH_RECORD_LARGE));
	}
	reach_words_peek_flush(reach);
}

/* Whether all blocks of a page are reachable or indirectly lost. */
static bool is_settled(const struct reach_page *page)
{
	const struct reach_cell *cell = reach_page_cell(page, 0);
	const struct reach_cell *last = reach_page_cell(page, REACH_PAGE_BYTES - 1);

	for (; cell <= last; cell++)
		if (cell->starts != cell->settled)
			return false;
	return true;
}

void reach_follow_lost(struct reach *reach)
{
	struct reach_cursor cursor;
	const struct reach_unit *unit = NULL;
	unsigned page = 0;

	reach_map_seek(&reach->map, 0, &cursor);
	while (cursor.unit) {
		if (cursor.unit != unit || cursor.page != page) {
			unit = cursor.unit;
			page = cursor.page;
			if (is_settled(&unit->pages[page])) {
				reach_map_skip_page(&cursor);
				continue;
			}
			peek_page(reach, unit, page);
		}
		reach_map_next(&reach->map, &cursor, &reach->leader);
		if (reach_record_class(*reach->leader.record) != REACH_NOT_CLASSED)
			continue;
		reach->leader_clique = 0;
		*reach->leader.record = reach_record_classed(*reach->leader.record, REACH_DEFINITE);
		reach->counts.block_bytes += reach_words_range(
			reach, reach->leader.start, reach->leader.start + reach->leader.size);
		reach_follow(reach);
	}
	reach->leader.record = NULL;
}
