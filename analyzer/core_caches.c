/*
 * Finds free chunks that look used: in threads' caches and in fast bins. Called by core_chunks.c
 * for each chunk in use and by core_heap.c. Where a thread has its cache is known to its
 * thread-local storage only, and that needs symbols. But the cache is a chunk of known size, with
 * 64 counts and 64 lists, and each list must be as long as its count and of chunks of its size:
 * nothing else is so by chance. Empty caches are not all found, and need not be. Layouts of
 * glibc 2.26 to 2.40, with and without the links of 2.32 that are mangled by their address.
 */
#include "core_caches.h"

#include "core_chunks.h"
#include "core_malloc_state.h"
#include "memory.h"

#include <stdlib.h>

#define HEADER 16u /* from a chunk to its contents */
#define LISTS 64u
#define LIST_SIZE(index) (CHUNK_LEAST + 16u * (index))

/* Of the cache: the size of its chunk and of each count. */
static const struct layout {
	uint64_t chunk_size;
	unsigned count_size;
} layouts[] = {
	{0x290, 2}, /* since 2.30 */
	{0x250, 1},
};

static void add(struct core_caches *caches, uint64_t address, uint64_t size, bool fast)
{
	caches->idle = memory_grow(
		caches->idle, &caches->capacity, caches->count + 1, sizeof(*caches->idle));
	caches->idle[caches->count++] =
		(struct idle_chunk){.address = address, .size = size, .fast = fast};
}

static bool has_size(struct core_words *words, uint64_t chunk, uint64_t size)
{
	uint64_t word;

	return chunk && chunk % 16 == 0 && core_words_peek(words, chunk + 8, &word) &&
	       (word & ~(uint64_t)CHUNK_FLAGS) == size;
}

/* Follows a list from `first` on, each link `at_link` bytes into its chunk, and adds its chunks.
 * Returns how many there are; `most` + 1 when it does not end by then, or is none. */
static uint64_t follow(struct core_caches *caches, struct core_words *words, uint64_t first,
	const struct idle_chunk *model, uint64_t at_link, bool mangled, uint64_t most)
{
	/* Links of a cache point to contents, those of a fast bin to chunks. */
	uint64_t skip = model->fast ? 0 : HEADER, length = 0, link;

	for (uint64_t at = first; at; length++) {
		uint64_t chunk = at - skip;
		if (length == most || !has_size(words, chunk, model->size) ||
			!core_words_peek(words, chunk + at_link, &link))
			return most + 1;
		add(caches, chunk, model->size, model->fast);
		at = mangled ? link ^ (chunk + at_link) >> 12 : link;
	}
	return length;
}

static uint64_t count_at(
	struct core_words *words, uint64_t contents, const struct layout *layout, unsigned index)
{
	uint64_t at = contents + index * layout->count_size, word;

	if (!core_words_peek(words, at, &word))
		return 0;
	return layout->count_size == 1 ? word & 0xff : word & 0xffff;
}

/* Whether all counts are 0, as in many a block of that size that is no cache. */
static bool is_idle(struct core_words *words, uint64_t contents, const struct layout *layout)
{
	uint64_t word = 0;

	for (unsigned at = 0; at < LISTS * layout->count_size && word == 0; at += 8)
		if (!core_words_peek(words, contents + at, &word))
			return true;
	return word == 0;
}

/* Takes all lists of the cache, or returns false and takes none. */
static bool take_lists(struct core_caches *caches, struct core_words *words, uint64_t contents,
	const struct layout *layout, bool mangled)
{
	const size_t before = caches->count;

	for (unsigned i = 0; i < LISTS; i++) {
		uint64_t count = count_at(words, contents, layout, i), first;
		uint64_t at = contents + LISTS * layout->count_size + i * 8;
		const struct idle_chunk model = {.size = LIST_SIZE(i)};
		if (core_words_peek(words, at, &first) && (first != 0) == (count != 0) &&
			follow(caches, words, first, &model, HEADER, mangled, count) == count)
			continue;
		caches->count = before;
		return false;
	}
	return caches->count > before;
}

void core_caches_offer(struct core_caches *caches, struct core_words *words, uint64_t chunk,
	uint64_t size, bool first)
{
	const uint64_t contents = chunk + HEADER;

	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		if (size != layouts[i].chunk_size)
			continue;
		if (is_idle(words, contents, &layouts[i]))
			caches->threads += first;
		else if (take_lists(caches, words, contents, &layouts[i], true) ||
			 take_lists(caches, words, contents, &layouts[i], false))
			caches->threads++;
	}
}

void core_caches_fast(
	struct core_caches *caches, struct core_words *words, uint64_t bins, uint64_t most)
{
	for (unsigned i = 0; i < FAST_BINS; i++) {
		const struct idle_chunk model = {.size = LIST_SIZE(i), .fast = true};
		const size_t before = caches->count;
		uint64_t first;
		if (!core_words_peek(words, bins + i * 8, &first) || first == 0)
			continue;
		if (follow(caches, words, first, &model, HEADER, true, most) <= most)
			continue;
		caches->count = before;
		if (follow(caches, words, first, &model, HEADER, false, most) > most)
			caches->count = before;
	}
}

void core_caches_free(struct core_caches *caches)
{
	free(caches->idle);
	*caches = (struct core_caches){0};
}
