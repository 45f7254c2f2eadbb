/*
 * Walks the chunks of one heap. Called by core_heap.c. A chunk is {size of the one before when that
 * is free, own size and flags, contents}; whether it is in use is written in the next one. Chunks
 * in a thread's cache or a fast bin look used. What has overwritten a size ends the walk: where the
 * chunks go on behind it cannot be known.
 */
#include "core_chunks.h"

/* Two small chunks in a row close a heap behind which brk memory of somebody else lies; a heap of a
 * thread's arena has one of them and a last one of size 0. */
#define FENCE_SIZE 16u

static bool is_fence(const struct chunks *chunks, struct core_words *words)
{
	uint64_t size = chunks->size_word & ~(uint64_t)CHUNK_FLAGS, next;

	if (size == 0)
		return chunks->end - chunks->at == FENCE_SIZE;
	return size == FENCE_SIZE && chunks->end - chunks->at >= 2 * FENCE_SIZE &&
	       core_words_get(words, chunks->at + FENCE_SIZE + 8, &next) &&
	       (next & ~(uint64_t)CHUNK_FLAGS) <= FENCE_SIZE;
}

static enum chunks_end fence_kind(const struct chunks *chunks)
{
	return chunks->end - chunks->at > 2 * FENCE_SIZE ? CHUNKS_FOREIGN : CHUNKS_FENCE;
}

static bool is_possible(const struct chunks *chunks, uint64_t size)
{
	return size >= CHUNK_LEAST && size % 16 == 0 && size <= chunks->end - chunks->at &&
	       !(chunks->size_word & CHUNK_IS_MMAPPED);
}

/* Takes the chunk at `chunks->at`. False when it is the last. */
static bool take(struct chunks *chunks, struct core_words *words, struct core_caches *caches)
{
	uint64_t size, next_word, copy;

	if (!core_words_get(words, chunks->at + 8, &chunks->size_word)) {
		chunks->how = CHUNKS_MISSING;
		return false;
	}
	if (is_fence(chunks, words)) {
		chunks->how = fence_kind(chunks);
		return false;
	}
	size = chunks->size_word & ~(uint64_t)CHUNK_FLAGS;
	if (!is_possible(chunks, size)) {
		chunks->how = CHUNKS_CORRUPT;
		return false;
	}
	if (size == chunks->end - chunks->at) {
		chunks->how = CHUNKS_TOP;
		chunks->top_bytes = size;
		return false;
	}
	if (!core_words_peek(words, chunks->at + size + 8, &next_word) ||
		!core_words_peek(words, chunks->at + size, &copy)) {
		chunks->how = CHUNKS_MISSING;
		return false;
	}
	struct amount *sum = next_word & CHUNK_PREV_INUSE ? &chunks->used : &chunks->free;
	if (sum == &chunks->free && copy != size) {
		chunks->how = CHUNKS_DIFFERENT;
		return false;
	}
	sum->bytes += size;
	sum->blocks++;
	if (caches && sum == &chunks->used)
		core_caches_offer(caches, words, chunks->at, size, chunks->last == 0);
	chunks->last = chunks->at;
	chunks->at += size;
	return true;
}

static void walk_row(struct chunks *chunks, struct core_words *words, struct core_caches *caches)
{
	while (chunks->at < chunks->end && take(chunks, words, caches))
		;
}

/* After somebody else has moved the end of brk memory, malloc goes on behind: from the first place
 * on from which chunks lead to an end. */
static bool skip_foreign(struct chunks *chunks, struct core_words *words)
{
	for (uint64_t at = chunks->at + 2 * FENCE_SIZE; at < chunks->end; at += 16) {
		struct chunks next = {.start = at, .end = chunks->end, .at = at};
		walk_row(&next, words, NULL);
		/* Not even its first word: nor is there anything behind it. */
		if (next.how == CHUNKS_MISSING && next.at == at && next.size_word == 0)
			break;
		if ((next.how != CHUNKS_TOP && next.how != CHUNKS_FOREIGN) || next.used.blocks == 0)
			continue;
		chunks->foreign_bytes += at - chunks->at;
		chunks->at = at;
		return true;
	}
	return false;
}

void chunks_walk(struct chunks *chunks, struct core_words *words, struct core_caches *caches)
{
	*chunks = (struct chunks){.start = chunks->start, .end = chunks->end, .at = chunks->start};
	do
		walk_row(chunks, words, caches);
	while (chunks->how == CHUNKS_FOREIGN && skip_foreign(chunks, words));
}
