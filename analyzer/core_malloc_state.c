/*
 * Finds heads of glibc's arenas without symbols, which only a debug package has. Called by
 * core_heap.c. An arena has 127 bins, each a pair of pointers that an empty bin points to itself,
 * 16 bytes before it; nothing else looks so. The fields around the bins have kept their places from
 * glibc 2.27 to 2.40 on 64-bit machines, and in 2.26 but for one before them. An arena most of
 * whose bins have something in them is not recognized.
 */
#include "core_malloc_state.h"

#define BINS 127
#define BIN_SIZE 16
#define EMPTY_LEAST 32

/* Where things are, from the bins on. */
#define AT_FAST (-96)
#define AT_TOP (-16)
#define AT_SYSTEM_BYTES 2072
#define AT_SYSTEM_BYTES_MAX 2080
#define AT_END 2088

/* How far the bins are from the start of the struct: 2.27 put a field before the fast bins. */
static const uint64_t heads[] = {112, 104};

/* Whether the bin at `at` is empty. False in `ret_fine` when it is not even a bin. */
static bool is_empty(struct core_words *words, uint64_t at, bool *ret_fine)
{
	uint64_t next, previous;

	*ret_fine = core_words_peek(words, at, &next) &&
		    core_words_peek(words, at + 8, &previous) &&
		    (next == at - BIN_SIZE) == (previous == at - BIN_SIZE) && next && previous &&
		    next % 8 == 0 && previous % 8 == 0;
	return *ret_fine && next == at - BIN_SIZE;
}

/* The fields around the bins first: few words, of which one is seldom right by chance. */
static bool read_state(
	struct core_words *words, uint64_t bins, uint64_t head, struct malloc_state *ret)
{
	uint64_t most;
	unsigned empty = 0;
	bool fine = true;

	*ret = (struct malloc_state){
		.address = bins - head, .end = bins + AT_END, .fast = bins + AT_FAST};
	if (!core_words_peek(words, bins + AT_TOP, &ret->top) ||
		!core_words_peek(words, bins + AT_SYSTEM_BYTES, &ret->system_bytes) ||
		!core_words_peek(words, bins + AT_SYSTEM_BYTES_MAX, &most) || ret->top == 0 ||
		ret->top % 16 || ret->system_bytes == 0 || ret->system_bytes % 16 ||
		ret->system_bytes > most)
		return false;
	for (unsigned i = 0; i < BINS && fine; i++)
		empty += is_empty(words, bins + i * BIN_SIZE, &fine);
	return fine && empty >= EMPTY_LEAST;
}

bool malloc_state_at(struct core_words *words, uint64_t address, struct malloc_state *ret)
{
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (read_state(words, address + heads[i], heads[i], ret))
			return true;
	return false;
}

/* How many bins there are from `at` on, up to all of them, empty or not. */
static unsigned count_bins(struct core_words *words, uint64_t at)
{
	unsigned count = 0;
	bool fine = true;

	while (count < BINS && (is_empty(words, at + count * BIN_SIZE, &fine), fine))
		count++;
	return count;
}

/* The arena that an empty bin at `at` belongs to; bins before it may not be empty. */
static bool state_around(struct core_words *words, uint64_t at, struct malloc_state *ret)
{
	unsigned behind = count_bins(words, at);
	bool fine = true;

	for (unsigned before = 0; before < BINS && fine; before++) {
		uint64_t first = at - before * BIN_SIZE;
		if (before + behind >= BINS && read_state(words, first, heads[0], ret))
			return true;
		is_empty(words, first - BIN_SIZE, &fine);
	}
	return false;
}

bool malloc_state_find(
	struct core_words *words, uint64_t *address, uint64_t end, struct malloc_state *ret)
{
	for (uint64_t at = *address; at < end; at += 8) {
		uint64_t word;
		bool fine;
		if (!core_words_get(words, at, &word))
			break;
		if (word != at - BIN_SIZE || !is_empty(words, at, &fine) ||
			!state_around(words, at, ret))
			continue;
		*address = ret->end;
		return true;
	}
	return false;
}
