/*
 * Finds what glibc's malloc had from the system. Called by load_core.c. No symbols are needed: the
 * head of the main arena is found by its bins among the data of the modules (libc, or a static
 * program) and tells where the brk heap ends and how large it is; without it, it is the first
 * anonymous memory behind the executable whose chunks hold together. Heaps of other arenas begin at
 * multiples of 64 MiB with a header that tells of itself. Large blocks are mappings that begin with
 * a chunk of just their size.
 *
 * Layouts of glibc 2.26 to 2.40 on 64-bit machines. Not found: the heaps of other allocators, heaps
 * of another size (glibc.malloc.hugetlb), the main arena's memory beyond the brk heap when brk
 * failed; the last is counted as unknown.
 */
#define _GNU_SOURCE
#include "core_heap.h"

#include "core_caches.h"
#include "core_chunks.h"
#include "core_malloc_state.h"
#include "memory.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAP_SIZE (64ull << 20)
#define PAGE 4096u
#define STATE_SIZE 2200u /* of struct malloc_state, where it cannot be read */
#define TAIL_LEAST 8u    /* chunks in a row that make a heap, also when it then breaks off */

/* One heap: memory in a row. */
struct piece {
	uint64_t state; /* address of its arena's head; 0: the main arena, head unknown */
	uint64_t start, end;
	struct chunks chunks;
	size_t arena; /* in facts->arenas */
	bool is_main;
};

/* What finding carries around. */
struct finding {
	struct core_facts *facts;
	struct model *model;
	const struct core_file *core;
	const struct core_modules *modules;
	struct core_map *map;
	struct core_words words;
	struct core_caches caches;
	struct piece *pieces;
	size_t piece_count, piece_capacity;
	uint64_t brk_start;  /* of the main heap; 0: not found */
	uint64_t main_state; /* 0: not found */
	uint64_t main_bytes; /* from the system, by that head */
};

static bool is_heap_memory(const struct core_range *range)
{
	return range && range->kind == MAP_ANONYMOUS && range->readable && range->writable;
}

static bool contains(const struct core_range *range, uint64_t address)
{
	return address >= range->start && address < range->end;
}

static struct piece *add_piece(
	struct finding *finding, uint64_t state, uint64_t start, uint64_t end)
{
	finding->pieces = memory_grow(finding->pieces, &finding->piece_capacity,
		finding->piece_count + 1, sizeof(*finding->pieces));
	struct piece *piece = &finding->pieces[finding->piece_count++];
	*piece = (struct piece){.state = state, .start = start, .end = end};
	return piece;
}

/* ---- the main heap ---- */

/* The heap that a head of an arena tells of. False when it is none in brk memory, or not in a row
 * there: the next step is for those. */
static bool take_main(struct finding *finding, const struct malloc_state *state)
{
	const struct core_range *range = core_map_at(finding->map, state->top);
	uint64_t word, end;

	if (!is_heap_memory(range))
		return false;
	finding->main_state = state->address;
	finding->main_bytes = state->system_bytes;
	/* The size of the top chunk is the first thing that an overflow destroys: then the mapping
	 * tells the end. */
	end = range->end;
	if (core_words_peek(&finding->words, state->top + 8, &word) &&
		(word & ~(uint64_t)CHUNK_FLAGS) <= range->end - state->top)
		end = state->top + (word & ~(uint64_t)CHUNK_FLAGS);
	if (state->system_bytes > end - range->start)
		return false;
	finding->brk_start = end - state->system_bytes;
	add_piece(finding, state->address, finding->brk_start, end)->is_main = true;
	return true;
}

/* Looks for the head among the data of the modules. */
static bool find_main_by_state(struct finding *finding)
{
	for (size_t i = 0; i < finding->map->count; i++) {
		const struct core_range *range = &finding->map->ranges[i];
		struct malloc_state state;
		if (!range->writable || range->path == NULL ||
			(range->kind != MAP_LIBRARY_DATA && range->kind != MAP_EXECUTABLE))
			continue;
		for (uint64_t at = range->start; malloc_state_find(
			     &finding->words, &at, range->start + range->held, &state);)
			if (take_main(finding, &state))
				return true;
	}
	return false;
}

static bool holds_together(const struct chunks *chunks)
{
	return (chunks->how == CHUNKS_TOP && chunks->used.blocks) ||
	       chunks->used.blocks + chunks->free.blocks >= TAIL_LEAST;
}

/* Anonymous memory behind the executable that is a chain of chunks from its start. */
static bool find_main_by_chunks(struct finding *finding)
{
	uint64_t behind = 0;

	for (size_t i = 0; i < finding->modules->count; i++)
		if (finding->modules->all[i].executable)
			behind = finding->modules->all[i].end;
	for (size_t i = 0; i < finding->map->count; i++) {
		const struct core_range *range = &finding->map->ranges[i];
		uint64_t first, size;
		if (!is_heap_memory(range) || range->start < behind ||
			!core_words_get(&finding->words, range->start, &first) ||
			!core_words_get(&finding->words, range->start + 8, &size) || first ||
			(size & CHUNK_FLAGS) != CHUNK_PREV_INUSE)
			continue;
		struct chunks chunks = {.start = range->start, .end = range->end};
		chunks_walk(&chunks, &finding->words, NULL);
		if (!holds_together(&chunks))
			continue;
		add_piece(finding, finding->main_state, range->start, range->end)->is_main = true;
		finding->brk_start = range->start;
		return true;
	}
	return false;
}

/* ---- heaps of threads' arenas ---- */

/* struct heap_info at the start of a heap. */
static bool take_heap(struct finding *finding, const struct core_range *range, uint64_t start)
{
	uint64_t state, previous, size, usable;
	struct core_words *words = &finding->words;

	if (!core_words_peek(words, start, &state) ||
		!core_words_peek(words, start + 8, &previous) ||
		!core_words_peek(words, start + 16, &size) ||
		!core_words_peek(words, start + 24, &usable))
		return false;
	/* The header has four words, since 2.35 five; behind it the first heap has the head. */
	uint64_t head = state % HEAP_SIZE;
	if ((head != 0x20 && head != 0x30) || size < PAGE || size > usable || usable > HEAP_SIZE ||
		size % PAGE || usable % PAGE || previous % HEAP_SIZE ||
		(previous == 0) != (state - head == start))
		return false;
	if (size > range->end - start)
		size = range->end - start;
	add_piece(finding, state, start, start + size);
	return true;
}

static void find_heaps(struct finding *finding)
{
	for (size_t i = 0; i < finding->map->count; i++) {
		const struct core_range *range = &finding->map->ranges[i];
		if (!is_heap_memory(range) || contains(range, finding->brk_start))
			continue;
		uint64_t start = (range->start + HEAP_SIZE - 1) & ~(HEAP_SIZE - 1);
		for (; start >= range->start && start < range->start + range->held;
			start += HEAP_SIZE)
			take_heap(finding, range, start);
	}
}

/* ---- large blocks ---- */

/* Before the field that tells where the main heap began, struct malloc_par has {large blocks now,
 * allowed, most so far, a flag} of 4 bytes each, then bytes now and at most; 2.35 put a field of 4
 * bytes before these. False when what is at `at` is none of that. */
static bool read_par(struct core_words *words, uint64_t at, bool padded, uint64_t *ret_count)
{
	uint64_t first, second, bytes, most;

	if (!core_words_peek(words, at - (padded ? 36 : 32), &first) ||
		!core_words_peek(words, at - (padded ? 28 : 24), &second) ||
		!core_words_peek(words, at - 16, &bytes) || !core_words_peek(words, at - 8, &most))
		return false;
	*ret_count = first & UINT32_MAX;
	uint64_t allowed = first >> 32, highest = second & UINT32_MAX, flag = second >> 32;
	return *ret_count <= highest && highest <= allowed && flag <= 1 && bytes <= most &&
	       bytes % PAGE == 0 && (bytes == 0) == (*ret_count == 0);
}

/* Looks near the main arena's head for malloc's own count of large blocks. */
static void read_counts(struct finding *finding)
{
	const struct core_range *range = core_map_at(finding->map, finding->main_state);
	struct core_words *words = &finding->words;
	uint64_t start, lists;

	if (finding->brk_start == 0 || finding->main_state == 0 || range == NULL)
		return;
	for (uint64_t at = range->start; at < range->start + range->held; at += 8) {
		if (!core_words_get(words, at, &start))
			return;
		if (start != finding->brk_start || !core_words_peek(words, at + 8, &lists) ||
			lists == 0 || lists > 1024)
			continue;
		finding->facts->large_known =
			read_par(words, at, true, &finding->facts->large_count) ||
			read_par(words, at, false, &finding->facts->large_count);
		if (finding->facts->large_known)
			return;
	}
}

/* The size of the large block that a page begins with, 0: none does. */
static uint64_t large_block_at(
	struct core_words *words, const struct core_range *range, uint64_t at)
{
	uint64_t before, word;

	if (!core_words_peek(words, at + 8, &word) || (word & CHUNK_FLAGS) != CHUNK_IS_MMAPPED ||
		!core_words_peek(words, at, &before))
		return 0;
	uint64_t size = word & ~(uint64_t)CHUNK_FLAGS;
	return before == 0 && size && size % PAGE == 0 && size <= range->end - at ? size : 0;
}

static void find_large(struct finding *finding)
{
	struct core_facts *facts = finding->facts;
	struct amount *found = &facts->large_blocks;
	uint64_t size;

	for (size_t i = 0; i < finding->map->count; i++) {
		const struct core_range *range = &finding->map->ranges[i];
		const uint64_t end = range->start + range->held;
		if (!is_heap_memory(range) || range->start % PAGE)
			continue;
		for (uint64_t at = range->start; at < end && finding->words.left;
			at += size ? size : PAGE) {
			if (facts->large_known && found->blocks >= facts->large_count)
				return;
			size = large_block_at(&finding->words, range, at);
			if (size == 0)
				continue;
			found->bytes += size;
			found->blocks++;
			core_map_mark(finding->map, at, at + size, MAP_LARGE_BLOCK, 0);
		}
	}
}

/* ---- from pieces to arenas ---- */

static int compare_pieces(const void *a, const void *b)
{
	const struct piece *one = a, *other = b;

	if (one->is_main != other->is_main)
		return one->is_main ? -1 : 1;
	if (one->state != other->state)
		return one->state < other->state ? -1 : 1;
	return one->start < other->start ? -1 : one->start > other->start;
}

static int compare_starts(const void *a, const void *b)
{
	const struct piece *one = a, *other = b;

	return one->start < other->start ? -1 : one->start > other->start;
}

/* Where the first chunk of a heap is: behind the header, and in the first heap behind the head. */
static uint64_t first_chunk(const struct piece *piece, const struct malloc_state *state)
{
	if (piece->is_main)
		return piece->start;
	if (piece->state - piece->state % HEAP_SIZE == piece->start)
		return ((state ? state->end : piece->state + STATE_SIZE) + 15) & ~(uint64_t)15;
	return piece->start + piece->state % HEAP_SIZE;
}

/* Says why a walk ended early. */
static void note_trouble(struct finding *finding, struct arena *arena, const struct piece *piece)
{
	const struct chunks *chunks = &piece->chunks;
	char text[300];

	if (chunks->how == CHUNKS_TOP || chunks->how == CHUNKS_FENCE)
		return;
	arena->unknown_bytes += chunks->end - chunks->at;
	if (arena->trouble && (arena->corrupt || (chunks->how != CHUNKS_CORRUPT &&
							 chunks->how != CHUNKS_DIFFERENT)))
		return;
	arena->trouble_at = chunks->at;
	arena->corrupt = chunks->how == CHUNKS_CORRUPT || chunks->how == CHUNKS_DIFFERENT;
	switch (chunks->how) {
	case CHUNKS_FOREIGN:
		snprintf(text, sizeof(text),
			"brk memory that somebody else than malloc took (sbrk) follows");
		break;
	case CHUNKS_MISSING:
		snprintf(text, sizeof(text), "from there on it is not in the core");
		break;
	case CHUNKS_DIFFERENT:
		snprintf(text, sizeof(text),
			"the size of the free chunk there, 0x%" PRIx64
			", is not what stands behind it",
			chunks->size_word);
		break;
	default:
		snprintf(text, sizeof(text), "a chunk there cannot have the size 0x%" PRIx64 "%s",
			chunks->size_word,
			chunks->last ? ", probably written over from the block before it" : "");
	}
	arena->trouble = model_string(finding->model, text);
}

static void add_up(struct amount *sum, const struct amount *more)
{
	sum->bytes += more->bytes;
	sum->blocks += more->blocks;
}

static void walk_piece(struct finding *finding, struct arena *arena, struct piece *piece,
	const struct malloc_state *state)
{
	piece->chunks.start = first_chunk(piece, state);
	piece->chunks.end = piece->end;
	chunks_walk(&piece->chunks, &finding->words, &finding->caches);
	add_up(&arena->used, &piece->chunks.used);
	add_up(&arena->free, &piece->chunks.free);
	arena->top_bytes += piece->chunks.top_bytes;
	arena->foreign_bytes += piece->chunks.foreign_bytes;
	arena->bytes += piece->end - piece->start;
	arena->heaps++;
	note_trouble(finding, arena, piece);
	core_map_mark(finding->map, piece->start, piece->end,
		piece->is_main ? MAP_MAIN_HEAP : MAP_THREAD_ARENA, 0);
	if (!piece->is_main) /* the rest of a heap is taken in use when it is needed */
		core_map_mark_reserved(finding->map, piece->end, piece->start + HEAP_SIZE);
}

/* When brk fails, malloc goes on in mappings that look like any other. */
static void note_missing(struct finding *finding, struct arena *arena)
{
	if (!arena->is_main || finding->main_bytes <= arena->bytes)
		return;
	arena->unknown_bytes += finding->main_bytes - arena->bytes;
	arena->bytes = finding->main_bytes;
	if (arena->trouble)
		return;
	arena->trouble_at = arena->address;
	arena->trouble = model_string(
		finding->model, "the arena goes on in mappings elsewhere, which are not found");
}

/* The arena of the pieces from `first` on. Returns the piece behind its last. */
static size_t make_arena(struct finding *finding, size_t first)
{
	struct core_facts *facts = finding->facts;
	struct arena arena = {
		.is_main = finding->pieces[first].is_main, .address = finding->pieces[first].start};
	uint64_t address = finding->pieces[first].state;
	struct malloc_state state;
	bool known = address && malloc_state_at(&finding->words, address, &state);
	size_t i = first;

	for (; i < finding->piece_count && finding->pieces[i].state == address &&
		finding->pieces[i].is_main == arena.is_main;
		i++) {
		finding->pieces[i].arena = facts->arena_count;
		walk_piece(finding, &arena, &finding->pieces[i], known ? &state : NULL);
	}
	note_missing(finding, &arena);
	facts->fast_known = facts->fast_known && known;
	if (known)
		core_caches_fast(&finding->caches, &finding->words, state.fast, arena.used.blocks);
	facts->arenas = memory_resize(facts->arenas, facts->arena_count + 1, sizeof(arena));
	facts->arenas[facts->arena_count++] = arena;
	return i;
}

/* What is in caches and fast bins was taken for used. */
static void subtract_idle(struct finding *finding)
{
	if (finding->piece_count)
		qsort(finding->pieces, finding->piece_count, sizeof(struct piece), compare_starts);
	for (size_t i = 0; i < finding->caches.count; i++) {
		const struct idle_chunk *idle = &finding->caches.idle[i];
		size_t low = 0, high = finding->piece_count;
		while (low < high) {
			size_t middle = low + (high - low) / 2;
			if (finding->pieces[middle].start <= idle->address)
				low = middle + 1;
			else
				high = middle;
		}
		/* What lies behind the end of a walk was not counted. */
		if (low == 0 || idle->address >= finding->pieces[low - 1].chunks.at)
			continue;
		struct arena *arena = &finding->facts->arenas[finding->pieces[low - 1].arena];
		if (arena->used.bytes < idle->size || arena->used.blocks == 0)
			continue;
		struct amount *sum = idle->fast ? &arena->fast : &arena->cached;
		arena->used.bytes -= idle->size;
		arena->used.blocks--;
		sum->bytes += idle->size;
		sum->blocks++;
	}
	finding->facts->caches = finding->caches.threads;
}

static int compare_arenas(const void *a, const void *b)
{
	const struct arena *one = a, *other = b;

	if (one->is_main != other->is_main)
		return one->is_main ? -1 : 1;
	if (one->bytes != other->bytes)
		return one->bytes > other->bytes ? -1 : 1;
	return one->address < other->address ? -1 : one->address > other->address;
}

/* Other allocators, by the name of their library. */
static const char *other_allocator(const struct core_modules *modules)
{
	static const char *const names[] = {
		"jemalloc", "tcmalloc", "mimalloc", "snmalloc", "rpmalloc", "hoard"};

	for (size_t i = 0; i < modules->count; i++)
		for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
			if (strstr(text_basename(modules->all[i].path), names[n]))
				return names[n];
	return NULL;
}

static void explain_none(struct finding *finding)
{
	struct core_facts *facts = finding->facts;
	const char *other = other_allocator(finding->modules);
	char text[200];

	if (other)
		snprintf(text, sizeof(text), "the program has %s loaded", other);
	else if (facts->held_bytes < facts->kept_bytes)
		snprintf(text, sizeof(text), "it may have been in what is missing of the core");
	else
		snprintf(text, sizeof(text), "the program has another allocator, or used none");
	facts->heap_trouble = model_string(finding->model, text);
}

void core_heap_find(struct core_facts *facts, struct model *model, const struct core_file *core,
	const struct core_modules *modules, struct core_map *map)
{
	struct finding *finding = memory_zero(1, sizeof(*finding));

	/* One by one: it has a window of 64 KiB. */
	finding->facts = facts;
	finding->model = model;
	finding->core = core;
	finding->modules = modules;
	finding->map = map;
	core_words_init(&finding->words, core);
	if (!find_main_by_state(finding))
		find_main_by_chunks(finding);
	find_heaps(finding);
	if (finding->piece_count)
		qsort(finding->pieces, finding->piece_count, sizeof(struct piece), compare_pieces);
	facts->fast_known = finding->piece_count > 0;
	for (size_t i = 0; i < finding->piece_count;)
		i = make_arena(finding, i);
	subtract_idle(finding);
	core_map_apply(map);
	read_counts(finding);
	find_large(finding);
	core_map_apply(map);
	if (facts->arena_count)
		qsort(facts->arenas, facts->arena_count, sizeof(*facts->arenas), compare_arenas);
	else
		explain_none(finding);
	core_caches_free(&finding->caches);
	free(finding->pieces);
	free(finding);
}
