/*
 * Words that may be pointers, see reach_words.h.
 */
#include "preload/reach_cliques.h"
#include "preload/reach_mark.h"
#include "preload/reach_paths.h"
#include "preload/reach_read.h"
#include "preload/reach_words.h"

#define ALONE 4 /* so few candidates, and nothing on the stack: what they point at is next */

static const struct reach_page *page_of(const struct reach_candidate *candidate)
{
	return &candidate->unit->pages[reach_page_number(candidate->word)];
}

/* Where blocks are that start at or before the words, if they do so in their pages. */
static void find_cells(struct reach *reach, unsigned count)
{
	bool alone = count <= ALONE && !reach->stack_count && !reach->leader.record;

	for (unsigned i = 0; i < count; i++) {
		struct reach_candidate *candidate = &reach->candidate[i];

		if (alone)
			reach_fetch(reach, candidate->word);
		candidate->unit = reach_map_unit(&reach->map, candidate->word);
		if (candidate->unit)
			__builtin_prefetch(page_of(candidate));
	}
	for (unsigned i = 0; i < count; i++) {
		struct reach_candidate *candidate = &reach->candidate[i];
		const struct reach_page *page;

		candidate->cell = NULL;
		if (!candidate->unit)
			continue;
		page = page_of(candidate);
		if (page->records) {
			candidate->cell = reach_page_cell(page, candidate->word);
			__builtin_prefetch(candidate->cell);
		}
	}
}

/* Whether the block that a word points at, if it does, is settled, by its cell alone. */
static bool is_settled(const struct reach_cell *cell, unsigned granule)
{
	uint64_t starts = cell->starts << (63 - granule), settled = cell->settled << (63 - granule);
	unsigned ahead;

	if (!starts)
		return false;
	ahead = (unsigned)__builtin_clzll(starts);
	if (!(settled << ahead >> 63))
		return false;
	if (ahead)
		return true;
	/* A block starts in the word's granule, perhaps behind the word: so both must be. */
	starts <<= 1;
	settled <<= 1;
	return starts && settled << __builtin_clzll(starts) >> 63;
}

/* Whether a block that starts before the word's page may cover it. */
static bool may_be_covered(const struct reach *reach, const struct reach_candidate *candidate)
{
	const struct reach_map *map = &reach->map;

	return candidate->word - map->large_low < map->large_span ||
	       (candidate->unit &&
		       candidate->unit->more[reach_page_number(candidate->word)].before);
}

/* Their records. Leaves out what need not be looked at; how many are left. */
static unsigned find_records(struct reach *reach, unsigned count)
{
	bool tags = reach->map.flags & REACH_TAGS;
	unsigned left = 0;

	for (unsigned i = 0; i < count; i++) {
		struct reach_candidate *candidate = &reach->candidate[i];

		candidate->record = NULL;
		if (candidate->cell) {
			const struct reach_page *page = page_of(candidate);
			unsigned granule = reach_page_granule(page, candidate->word);
			uint32_t rank;

			/* With tags, whether it hits a start must be known. */
			if (!tags && is_settled(candidate->cell, granule))
				continue;
			rank = candidate->cell->before + reach_cell_count(candidate->cell, granule);
			if (rank) {
				candidate->record = &page->records[rank - 1];
				__builtin_prefetch(candidate->record, 1);
				if (reach->leader.record)
					reach_cliques_fetch(candidate->unit,
						reach_page_number(candidate->word), rank - 1);
			}
		} else if (!tags && !may_be_covered(reach, candidate)) {
			continue;
		}
		if (left != i) {
			reach->candidate[left] = *candidate;
			reach->candidate_from[left] = reach->candidate_from[i];
		}
		left++;
	}
	return left;
}

/* The block that a candidate points at. */
static bool find_block(
	struct reach *reach, const struct reach_candidate *candidate, struct reach_hit *ret)
{
	uint64_t word = candidate->word;
	uint64_t page_at = word & ~(REACH_PAGE_BYTES - 1);

	if (!candidate->record)
		return reach_map_find(&reach->map, word, ret);
	ret->unit = candidate->unit;
	ret->record = candidate->record;
	ret->start = reach_record_start(*ret->record, page_at);
	if (ret->start > word) {
		/* It starts in the same granule, but later. */
		if (ret->record == page_of(candidate)->records)
			return reach_map_find(&reach->map, word, ret);
		ret->record--;
		ret->start = reach_record_start(*ret->record, page_at);
	}
	if (reach_mark_settled(reach, *ret->record)) {
		ret->size = 0; /* nobody asks */
		return true;
	}
	ret->size = reach_record_size(&reach->map, *ret->record, ret->start);
	return word - ret->start < (ret->size ? ret->size : 1);
}

void reach_words_flush(struct reach *reach)
{
	unsigned count = reach->candidates;
	bool hit_start = false;

	reach->candidates = 0;
	find_cells(reach, count);
	count = find_records(reach, count);
	for (unsigned i = 0; i < count; i++) {
		const struct reach_candidate *candidate = &reach->candidate[i];
		struct reach_hit block;
		bool untagged = reach->candidate_untagged[i];
		bool hit = !(untagged && hit_start) && find_block(reach, candidate, &block);

		hit_start = hit && block.start == candidate->word;
		if (hit)
			reach_mark(reach, &block, candidate->word, reach->candidate_from[i]);
	}
}

/* A word, and the same without a tag. */
static void take(struct reach *reach, uint64_t word, uint64_t from)
{
	unsigned tagged = (reach->map.flags & REACH_TAGS) && word % 8 ? 1 : 0;

	if (reach->candidates + tagged >= REACH_BATCH)
		reach_words_flush(reach);
	for (unsigned i = 0; i <= tagged; i++) {
		reach->candidate[reach->candidates].word = i ? word & ~(uint64_t)7 : word;
		reach->candidate_from[reach->candidates] = from;
		reach->candidate_untagged[reach->candidates++] = i;
	}
}

/* Takes words, until all are taken or their memory is not valid any more, because something else
 * was read. How many bytes were taken. */
static uint64_t take_words_slowly(
	struct reach *reach, const unsigned char *bytes, uint64_t size, uint64_t at)
{
	uint64_t reads = reach->reads, low = reach->map.low, span = reach->map.span, done = 0;

	if ((reach->map.flags & REACH_TAGS) && span <= UINT64_MAX - 7)
		span += 7;
	while (done < size && reach->reads == reads) {
		uint64_t word = reach_word(bytes + done);

		if (word - low < span)
			take(reach, word, reach_from_memory(at + done));
		done += 8;
	}
	return done;
}

/*
 * Most words of most memory are no addresses of blocks: so they are looked at eight at a time, by
 * their bits 16 to 47 alone, modulo 2^32. That never leaves out one that is, and lets through some
 * that are none, which are left out when the eight are taken one by one.
 */
#define MANY 8
#define PART_SHIFT 16
#define PARTS ((uint64_t)1 << 32)

typedef uint64_t two_words __attribute__((vector_size(16)));
typedef uint64_t four_words __attribute__((vector_size(32)));
typedef uint32_t four_parts __attribute__((vector_size(16)));
typedef int32_t four_signed __attribute__((vector_size(16)));

/* Parts less `first` are numbers with a sign, which are compared in one step: from the least there
 * is, for the first one of the range, to `last`. */
struct part_range {
	four_parts first;
	four_signed last;
};

struct part_filter {
	struct part_range span, hole; /* struct reach_map's */
};

static inline struct part_range part_range_of(uint64_t first, uint64_t last)
{
	return (struct part_range){
		.first = (four_parts){0} + ((uint32_t)first - (uint32_t)INT32_MIN),
		.last = (four_signed){0} +
			(int32_t)((uint32_t)(last - first) + (uint32_t)INT32_MIN),
	};
}

/* False: the span is longer than 2^48 bytes, and there is none. */
static inline bool part_filter_of(const struct reach_map *map, struct part_filter *ret)
{
	uint64_t first = map->low >> PART_SHIFT;
	uint64_t last = (map->low + (map->span ? map->span - 1 : 0)) >> PART_SHIFT;
	/* Those that are in the hole as a whole; without any, one that is no block's either. */
	uint64_t hole = (map->hole + (1u << PART_SHIFT) - 1) >> PART_SHIFT;
	uint64_t hole_end = (map->hole + map->hole_bytes) >> PART_SHIFT;

	ret->span = part_range_of(first, last);
	ret->hole = hole < hole_end ? part_range_of(hole, hole_end - 1)
				    : part_range_of(last + 1, last + 1);
	return last - first < PARTS - 1;
}

static inline __attribute__((always_inline)) four_signed parts_not_in(
	const struct part_range *range, four_parts parts)
{
	return (four_signed)(parts - range->first) > range->last;
}

/* Which of four words are no addresses of blocks? */
static inline __attribute__((always_inline)) four_signed are_none(
	const struct part_filter *filter, const unsigned char *bytes)
{
	four_words words;
	four_parts parts;

	__builtin_memcpy(&words, bytes, sizeof(words));
	parts = __builtin_convertvector(words >> PART_SHIFT, four_parts);
	return parts_not_in(&filter->span, parts) | ~parts_not_in(&filter->hole, parts);
}

/* Is none of the next MANY words the address of a block? False when one may be. */
static inline __attribute__((always_inline)) bool all_are_none(
	const struct part_filter *filter, const unsigned char *bytes)
{
	two_words none =
		(two_words)(are_none(filter, bytes) & are_none(filter, bytes + sizeof(four_words)));

	return (none[0] & none[1]) == UINT64_MAX;
}

/* The same, when it does not matter where the words were; `full` is called with a batch. */
static inline __attribute__((always_inline)) uint64_t take_words(struct reach *reach,
	const unsigned char *bytes, uint64_t size, void (*full)(struct reach *reach))
{
	uint64_t reads = reach->reads, low = reach->map.low, span = reach->map.span, done = 0;
	uint64_t hole = reach->map.hole, hole_bytes = reach->map.hole_bytes;
	struct part_filter filter;
	/* Most blocks are small: to begin with eight words costs more than it saves there. */
	bool many = size >= MANY * 8 && part_filter_of(&reach->map, &filter);

	while (done < size) {
		unsigned count = reach->candidates, room = REACH_BATCH - count;
		uint64_t until;

		if (many) {
			while (size - done >= MANY * 8 && all_are_none(&filter, bytes + done))
				done += MANY * 8;
			room = room < MANY ? room : MANY;
		}
		until = done + room * 8;
		for (until = until < size ? until : size; done < until; done += 8) {
			uint64_t word = reach_word(bytes + done);

			/* Without a branch, which would be guessed wrongly. */
			reach->candidate[count].word = word;
			count += (word - low < span) & (word - hole >= hole_bytes);
		}
		reach->candidates = count;
		if (count > REACH_BATCH - REACH_BATCH / 4) {
			full(reach);
			if (reach->reads != reads)
				break;
		}
	}
	return done;
}

/* The aligned words of a range. */
static bool align(uint64_t *start, uint64_t *end)
{
	uint64_t at = *start + (-*start & 7);

	*end &= ~(uint64_t)7;
	if (at < *start || at >= *end)
		return false;
	*start = at;
	return true;
}

uint64_t reach_words_range(struct reach *reach, uint64_t start, uint64_t end)
{
	uint64_t counted = 0;

	if (!align(&start, &end))
		return 0;
	while (start < end) {
		uint64_t size = end - start;
		const unsigned char *bytes = reach_read(reach, start, &size);

		if (!bytes)
			reach->counts.unreadable_bytes += size;
		else if (reach->map.flags & (REACH_TAGS | REACH_PATHS))
			counted += size = take_words_slowly(reach, bytes, size, start);
		else
			counted += size = take_words(reach, bytes, size, reach_words_flush);
		start += size;
	}
	return counted;
}

void reach_words_one(struct reach *reach, uint64_t word)
{
	if (word - reach->map.low < reach->map.span || (reach->map.flags & REACH_TAGS))
		take(reach, word, reach_from_hand(reach->words_given));
	reach->words_given++;
}

void reach_words_peek_flush(struct reach *reach)
{
	unsigned count = reach->candidates;

	reach->candidates = 0;
	find_cells(reach, count);
	count = find_records(reach, count);
	for (unsigned i = 0; i < count; i++) {
		const struct reach_candidate *candidate = &reach->candidate[i];

		if (candidate->record &&
			reach_record_class(*candidate->record) == REACH_NOT_CLASSED)
			reach_fetch(reach, candidate->word);
	}
}

void reach_words_peek(struct reach *reach, uint64_t start, uint64_t end)
{
	if (!align(&start, &end))
		return;
	while (start < end) {
		uint64_t size = end - start;
		const unsigned char *bytes = reach_read(reach, start, &size);

		if (bytes)
			size = take_words(reach, bytes, size, reach_words_peek_flush);
		start += size;
	}
}
