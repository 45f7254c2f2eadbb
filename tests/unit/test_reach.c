/* The scan for lost blocks, in small made-up memories; and against a plain implementation of its
 * rules, in random ones, also when memory is short. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "preload/reach.h"

/* A made-up memory: pieces with bytes of their own, and what is mapped where. */
#define PIECES 8
#define TAKEN 4096
static struct {
	struct {
		uint64_t at, size;
		unsigned char *bytes;
		uint32_t mapped;
	} piece[PIECES];
	unsigned pieces;
	uint64_t at_once; /* read gives no more than this */
	void *taken[TAKEN];
	unsigned takes;
	unsigned fails_at, fails_each; /* the how-manieth allocation; 0: none */
	size_t most;                   /* no allocation is larger; 0: any is */
} world;

static const void *world_read(void *context, uint64_t at, uint64_t *size)
{
	static unsigned char copy[1 << 16];
	static uint64_t last;

	assert_ptr_equal(context, &world);
	assert_true(*size > 0);
	for (unsigned i = 0; i < world.pieces; i++) {
		uint64_t start = world.piece[i].at, end = start + world.piece[i].size;

		if (at < start || at >= end)
			continue;
		if (*size > end - at)
			*size = end - at;
		if (world.at_once && *size > world.at_once)
			*size = world.at_once;
		if (*size > sizeof(copy))
			*size = sizeof(copy);
		/* What was given before is not valid any more. */
		if (last > *size)
			memset(copy + *size, 0xee, last - *size);
		last = *size;
		memcpy(copy, world.piece[i].bytes + (at - start), *size);
		return copy;
	}
	/* To the next piece. */
	for (unsigned i = 0; i < world.pieces; i++) {
		if (world.piece[i].at > at && world.piece[i].at - at < *size)
			*size = world.piece[i].at - at;
	}
	return NULL;
}

static void *world_allocate(void *context, size_t size)
{
	unsigned number = world.takes + 1;
	void *ret = NULL;

	assert_ptr_equal(context, &world);
	if (number == world.fails_at || (world.fails_each && number % world.fails_each == 0)) {
		world.taken[world.takes++] = NULL;
		return NULL;
	}
	if (world.most && size > world.most)
		return NULL;
	assert_true(world.takes < TAKEN);
	if (posix_memalign(&ret, 64, size))
		abort();
	memset(ret, 0, size);
	world.taken[world.takes++] = ret;
	return ret;
}

static uint32_t world_mapping(void *context, uint64_t at, uint64_t *end)
{
	assert_ptr_equal(context, &world);
	for (unsigned i = 0; i < world.pieces; i++) {
		if (at >= world.piece[i].at && at - world.piece[i].at < world.piece[i].size) {
			*end = world.piece[i].at + world.piece[i].size;
			return world.piece[i].mapped;
		}
	}
	*end = at + 1;
	return 0;
}

static const struct reach_view view = {
	.read = world_read, .allocate = world_allocate, .context = &world, .mapping = world_mapping};

static void world_release(void)
{
	for (unsigned i = 0; i < world.takes; i++)
		free(world.taken[i]);
	world.takes = 0;
}

static void world_end(void)
{
	world_release();
	for (unsigned i = 0; i < world.pieces; i++)
		free(world.piece[i].bytes);
	memset(&world, 0, sizeof(world));
}

static void map_piece(uint64_t at, uint64_t size, uint32_t mapped)
{
	assert_true(world.pieces < PIECES);
	world.piece[world.pieces].at = at;
	world.piece[world.pieces].size = size;
	world.piece[world.pieces].bytes = calloc(1, size);
	world.piece[world.pieces++].mapped = mapped;
}

static void put(uint64_t at, uint64_t word)
{
	for (unsigned i = 0; i < world.pieces; i++) {
		if (at >= world.piece[i].at && at - world.piece[i].at + 8 <= world.piece[i].size) {
			memcpy(world.piece[i].bytes + (at - world.piece[i].at), &word, 8);
			return;
		}
	}
	fail();
}

/* The small cases: a heap and roots. */
#define HEAP 0x550000000000
#define ROOTS 0x600000000000
#define TEXT 0x700000000000
#define TABLES 0x710000000000

static struct reach *reach;
static uint32_t flags;

static int start_world(void **state)
{
	(void)state;
	map_piece(HEAP, 1 << 20, 0);
	map_piece(ROOTS, 4096, 0);
	map_piece(TEXT, 4096, REACH_MAPPED_FILE | REACH_MAPPED_READ | REACH_MAPPED_EXEC);
	map_piece(TABLES, 4096, REACH_MAPPED_FILE | REACH_MAPPED_READ);
	flags = 0;
	return 0;
}

static int end_world(void **state)
{
	(void)state;
	world_end();
	return 0;
}

struct given {
	uint64_t address, size;
};

static void begin(const struct given *given, size_t count)
{
	reach = reach_begin(&view, flags);
	assert_non_null(reach);
	for (size_t i = 0; i < count; i++)
		assert_true(reach_add(reach, given[i].address, given[i].size, (uint32_t)i + 1));
	assert_true(reach_ready(reach));
}

/* One letter for each block: r, p, i, d. */
static char classes[64];
static uint32_t leaders[64];

static bool note_class(void *context, const struct reach_block *block)
{
	size_t *count = context;

	assert_true(*count < sizeof(classes) - 1);
	leaders[*count] = block->leader_site;
	classes[(*count)++] = "-rpid"[block->class];
	classes[*count] = 0;
	assert_int_equal(block->site, *count);
	return true;
}

static const char *outcome(void)
{
	size_t count = 0;

	classes[0] = 0;
	reach_finish(reach);
	reach_each(reach, note_class, &count);
	return classes;
}

/* With ROOTS as root. */
static const char *outcome_of(const struct given *given, size_t count)
{
	begin(given, count);
	reach_from(reach, ROOTS, ROOTS + 4096);
	return outcome();
}

#define OUTCOME(...) \
	outcome_of((const struct given[]){__VA_ARGS__}, \
		sizeof((const struct given[]){__VA_ARGS__}) / sizeof(struct given))

static void a_pointer_to_the_start_reaches(void **state)
{
	(void)state;
	put(ROOTS + 16, HEAP + 16);
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 48, 24}), "rd");
}

static void a_pointer_into_a_block_may_reach(void **state)
{
	(void)state;
	put(ROOTS, HEAP + 17);
	put(ROOTS + 8, HEAP + 48 + 23);
	put(ROOTS + 16, HEAP + 80 + 24); /* behind its last byte */
	put(ROOTS + 24, HEAP + 111);     /* before its first */
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 48, 24}, {HEAP + 80, 24}, {HEAP + 112, 24}),
		"ppdd");
}

static void a_block_of_no_bytes_has_its_start(void **state)
{
	(void)state;
	put(ROOTS, HEAP + 16);
	put(ROOTS + 8, HEAP + 33);
	assert_string_equal(OUTCOME({HEAP + 16, 0}, {HEAP + 32, 0}), "rd");
}

static void what_is_reached_reaches(void **state)
{
	(void)state;
	put(ROOTS, HEAP + 80);
	put(HEAP + 80 + 16, HEAP + 16);
	put(HEAP + 16, HEAP + 48 + 8);
	put(HEAP + 48, HEAP + 112);
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 48, 24}, {HEAP + 80, 24}, {HEAP + 112, 24}),
		"rprp");
}

static void reached_is_better_than_perhaps(void **state)
{
	(void)state;
	put(ROOTS, HEAP + 17);
	put(HEAP + 16, HEAP + 48);
	put(HEAP + 48, HEAP + 80);
	put(ROOTS + 8, HEAP + 16);
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 48, 24}, {HEAP + 80, 24}), "rrr");
	begin((const struct given[]){{HEAP + 16, 24}, {HEAP + 48, 24}, {HEAP + 80, 24}}, 3);
	reach_from(reach, ROOTS, ROOTS + 8); /* all of them perhaps, first */
	reach_from(reach, ROOTS + 8, ROOTS + 16);
	assert_string_equal(outcome(), "rrr");
}

static void words_at_hand_are_roots(void **state)
{
	(void)state;
	begin((const struct given[]){{HEAP + 16, 24}, {HEAP + 48, 24}}, 2);
	reach_from_words(reach, (const uint64_t[]){0, HEAP + 48}, 2);
	assert_string_equal(outcome(), "dr");
}

static void only_aligned_words_count(void **state)
{
	(void)state;
	put(ROOTS + 12, HEAP + 16);
	assert_string_equal(OUTCOME({HEAP + 16, 24}), "d");
	put(ROOTS + 8, HEAP + 16);
	put(ROOTS + 32, HEAP + 16);
	begin((const struct given[]){{HEAP + 16, 24}}, 1);
	reach_from(reach, ROOTS + 9, ROOTS + 39); /* parts of both words */
	assert_string_equal(outcome(), "d");
	begin((const struct given[]){{HEAP + 16, 24}}, 1);
	reach_from(reach, ROOTS + 9, ROOTS + 40);
	assert_string_equal(outcome(), "r");
}

static void contents_end_with_the_requested_size(void **state)
{
	(void)state;
	put(ROOTS, HEAP + 16);
	put(HEAP + 32, HEAP + 48);
	assert_string_equal(OUTCOME({HEAP + 16, 23}, {HEAP + 48, 24}), "rd");
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 48, 24}), "rr");
}

static void blocks_in_roots_are_no_roots(void **state)
{
	static const struct given given[] = {
		{HEAP + 16, 24}, {HEAP + 48, 0}, {HEAP + 80, 24}, {HEAP + 112, 24}};

	(void)state;
	put(HEAP + 16, HEAP + 80);
	put(HEAP + 40, HEAP + 112);
	put(HEAP + 48, HEAP + 16);
	begin(given, 4);
	reach_from(reach, HEAP + 24, HEAP + 48);
	assert_string_equal(outcome(), "ddir");
	assert_int_equal(leaders[2], 1);
	begin(given, 4);
	reach_from(reach, HEAP, HEAP + 4096);
	assert_string_equal(outcome(), "rdrr");
}

static void lost_blocks_hang_on_leaders(void **state)
{
	(void)state;
	put(HEAP + 16, HEAP + 48);
	put(HEAP + 48, HEAP + 80 + 8); /* it does not matter where it points */
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 48, 24}, {HEAP + 80, 24}, {HEAP + 112, 24}),
		"diid");
	assert_int_equal(leaders[1], 1);
	assert_int_equal(leaders[2], 1);
}

static void later_leaders_take_earlier_ones_in(void **state)
{
	(void)state;
	put(HEAP + 16, HEAP + 48);
	put(HEAP + 80, HEAP + 16);
	put(HEAP + 112, HEAP + 80);
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 48, 24}, {HEAP + 80, 24}, {HEAP + 112, 24}),
		"iiid");
	for (int i = 0; i < 3; i++)
		assert_int_equal(leaders[i], 4);
}

static void the_first_of_a_circle_leads(void **state)
{
	(void)state;
	put(HEAP + 16, HEAP + 48);
	put(HEAP + 48, HEAP + 16);
	put(HEAP + 80, HEAP + 80); /* itself */
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 48, 24}, {HEAP + 80, 24}), "did");
}

static void who_comes_first_keeps_what_is_shared(void **state)
{
	(void)state;
	put(HEAP + 16, HEAP + 80);
	put(HEAP + 48, HEAP + 80);
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 48, 24}, {HEAP + 80, 24}), "ddi");
	assert_int_equal(leaders[2], 1);
}

static void lost_is_not_what_hangs_on_perhaps(void **state)
{
	(void)state;
	put(ROOTS, HEAP + 20);
	put(HEAP + 16, HEAP + 48);
	put(HEAP + 80, HEAP + 48);
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 48, 24}, {HEAP + 80, 24}), "ppd");
}

static void what_cannot_be_read_is_counted(void **state)
{
	struct reach_counts counts;

	(void)state;
	put(ROOTS, HEAP + (1 << 20) - 16);
	put(ROOTS + 8, HEAP + (1 << 20) + 4096);
	put(HEAP + (1 << 20) - 8, HEAP + 16);
	begin((const struct given[]){{HEAP + 16, 24}, {HEAP + (1 << 20) - 16, 416},
		      {HEAP + (1 << 20) + 4096, 80}},
		3);
	reach_from(reach, ROOTS - 64, ROOTS + 4096 + 64);
	assert_string_equal(outcome(), "rrr");
	reach_counts(reach, &counts);
	assert_int_equal(counts.blocks, 3);
	assert_int_equal(counts.root_bytes, 4096);
	assert_int_equal(counts.block_bytes, 24 + 16);
	assert_int_equal(counts.unreadable_bytes, 64 + 64 + 400 + 80);
	assert_true(counts.memory_bytes > 0);
}

static void words_may_be_in_pieces(void **state)
{
	(void)state;
	world.at_once = 3;
	put(ROOTS + 16, HEAP + 16);
	put(HEAP + 16, HEAP + 48);
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 48, 24}), "rr");
	world.at_once = 13;
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 48, 24}), "rr");
}

/* With a heuristic, all of them, all others. */
static void expect_shape(uint32_t flag, const char *with, const struct given *given, size_t count)
{
	char without[64];

	for (size_t i = 0; i < count; i++)
		without[i] = 'p';
	without[count] = 0;
	flags = flag;
	assert_string_equal(outcome_of(given, count), with);
	flags = REACH_ALL_HEURISTICS;
	assert_string_equal(outcome_of(given, count), with);
	flags = REACH_ALL_HEURISTICS & ~flag;
	assert_string_equal(outcome_of(given, count), without);
}

static void old_strings(void **state)
{
	static const struct given given[] = {
		{HEAP + 16, 24 + 40 + 1}, {HEAP + 128, 24 + 40 + 2}, {HEAP + 256, 24 + 40 + 1}};

	(void)state;
	for (int i = 0; i < 3; i++) {
		put(ROOTS + 8 * (uint64_t)i, given[i].address + 24);
		put(given[i].address, i == 2 ? 41 : 40);
		put(given[i].address + 8, 40);
	}
	expect_shape(REACH_STDSTRING, "rpp", given, 3);
}

static void counted_bytes(void **state)
{
	static const struct given given[] = {{HEAP + 16, 63}, {HEAP + 128, 63}};

	(void)state;
	put(ROOTS, given[0].address + 8);
	put(ROOTS + 8, given[1].address + 8);
	put(given[0].address, 55);
	put(given[1].address, 54);
	flags = REACH_LENGTH64;
	assert_string_equal(outcome_of(given, 2), "rp");
	flags = REACH_NEWARRAY; /* one that looks the same */
	assert_string_equal(outcome_of(given, 2), "rp");
	flags = REACH_STDSTRING | REACH_MULTIPLEINHERITANCE;
	assert_string_equal(outcome_of(given, 2), "pp");
}

static void new_arrays(void **state)
{
	static const struct given given[] = {
		{HEAP + 16, 8 + 5 * 7}, {HEAP + 128, 8 + 5 * 7}, {HEAP + 256, 8 + 5 * 7}};

	(void)state;
	put(ROOTS, given[0].address + 8);
	put(ROOTS + 8, given[1].address + 8);
	put(ROOTS + 16, given[2].address + 16);
	put(given[0].address, 7);
	put(given[1].address, 6);
	put(given[2].address, 7);
	expect_shape(REACH_NEWARRAY, "rpp", given, 3);
}

static void inner_objects(void **state)
{
	static const struct given given[] = {{HEAP + 16, 64}, {HEAP + 128, 64}, {HEAP + 256, 64},
		{HEAP + 384, 64}, {HEAP + 512, 20}};

	(void)state;
	put(TABLES + 16, TEXT + 16);
	put(TABLES + 32, TEXT + 32); /* NULL between them */
	put(TABLES + 512, TEXT + 16);
	put(TABLES + 512 + 22 * 8, TEXT + 16); /* too far away */
	put(TABLES + 1024, TEXT + 16);
	put(TABLES + 1032, ROOTS);
	put(TABLES + 4096 - 16, TEXT);
	put(TABLES + 4096 - 8, TEXT); /* the last word is not looked at */
	for (int i = 0; i < 5; i++) {
		put(ROOTS + 8 * (uint64_t)i, given[i].address + 16);
		put(given[i].address, TABLES + 16);
		put(given[i].address + 16, TABLES + 16);
	}
	put(given[1].address + 16, TABLES + 512);
	put(given[2].address, TABLES + 1024);
	put(given[3].address, TABLES + 4096 - 16);
	/* The last one's inner object does not fit in. */
	expect_shape(REACH_MULTIPLEINHERITANCE, "rpppp", given, 5);
}

/* Aligned by hand: the start is in one of three words; too little alignment; too far; no room. */
static void aligned_by_hand(void **state)
{
	static const struct given given[] = {{HEAP + 16, 64}, {HEAP + 80, 100}, {HEAP + 192 + 16, 88},
		{HEAP + 320 + 8, 56}, {HEAP + 400, 200}, {HEAP + 640 + 16, 24}, {HEAP + 704 + 16, 80}};
	static const uint64_t to[] = {HEAP + 32, HEAP + 128, HEAP + 192 + 64, HEAP + 320 + 16,
		HEAP + 400 + 112 + 32, HEAP + 640 + 32, HEAP + 704 + 32};
	static const int at[] = {-1, 0, 1, -1, 1, 0, 2};

	(void)state;
	for (int i = 0; i < 7; i++) {
		put(ROOTS + 8 * (uint64_t)i, to[i]);
		put(to[i] + (uint64_t)(8 * at[i]), given[i].address);
	}
	expect_shape(REACH_ALIGNED, "rrrpppp", given, 7);
}

static void shapes_do_not_make_perhaps_sure(void **state)
{
	(void)state;
	put(ROOTS, HEAP + 18);
	put(HEAP + 16, HEAP + 128 + 8);
	put(HEAP + 128, 56);
	flags = REACH_ALL_HEURISTICS;
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 128, 64}), "pp");
	put(ROOTS + 8, HEAP + 16);
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 128, 64}), "rr");
}

static void tags_are_taken_off(void **state)
{
	(void)state;
	put(ROOTS, HEAP + 16 + 1);
	put(ROOTS + 8, HEAP + 48 + 7); /* behind its end */
	put(ROOTS + 16, HEAP + 80 + 8 + 4);
	put(ROOTS + 24, HEAP + 112 + 5); /* the start of one that is not aligned */
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 48, 5}, {HEAP + 80, 24}, {HEAP + 112, 5},
				    {HEAP + 117, 5}),
		"pdpdr");
	flags = REACH_TAGS;
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 48, 5}, {HEAP + 80, 24}, {HEAP + 112, 5},
				    {HEAP + 117, 5}),
		"rrpdr");
	put(ROOTS + 8, HEAP + 48 + 8);
	put(ROOTS + 24, HEAP + 112 + 6);
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 48, 5}, {HEAP + 80, 24}, {HEAP + 112, 5},
				    {HEAP + 117, 5}),
		"rdprp");
	begin((const struct given[]){{HEAP + 16, 2}}, 1);
	reach_from_words(reach, (const uint64_t[]){HEAP + 16 + 7}, 1);
	assert_string_equal(outcome(), "r");
}

static void order_is_asked_for(void **state)
{
	(void)state;
	reach = reach_begin(&view, 0);
	assert_true(reach_add(reach, HEAP + 16, 24, 1));
	assert_false(reach_add(reach, HEAP + 16, 24, 1));
	assert_false(reach_add(reach, HEAP + 39, 24, 1));
	assert_false(reach_add(reach, HEAP, 1, 1));
	assert_true(reach_add(reach, HEAP + 40, 0, 2));
	assert_false(reach_add(reach, HEAP + 40, 0, 3));
	assert_true(reach_add(reach, HEAP + 41, 24, 3));
	assert_false(reach_add(reach, UINT64_MAX - 10, 100, 4));
	assert_true(reach_add(reach, UINT64_MAX - 100, 100, 4));
	assert_true(reach_ready(reach));
	reach_from_words(reach, (const uint64_t[]){UINT64_MAX - 1, HEAP + 41}, 2);
	assert_string_equal(outcome(), "ddrp");
}

static void nothing_is_nothing(void **state)
{
	(void)state;
	put(ROOTS, HEAP);
	assert_string_equal(outcome_of(NULL, 0), "");
	/* At the ends of the address space. */
	begin((const struct given[]){{0, 8}, {UINT64_MAX - 7, 7}}, 2);
	reach_from(reach, 0, UINT64_MAX);
	reach_from_words(reach, (const uint64_t[]){UINT64_MAX, 0}, 2);
	assert_string_equal(outcome(), "rd");
}

static void large_blocks_have_their_size(void **state)
{
	static const struct given given[] = {{HEAP + 16, 24}, {HEAP + 48, (1 << 20) - 2},
		{HEAP + 0x200010, (1 << 20) - 1}, {HEAP + 0x400010, 1 << 20}, {HEAP + 0x600010, 24},
		{0x560000000010, 1ull << 42}, {0x670000000010, 24}};

	(void)state;
	for (unsigned i = 1; i < 6; i++) {
		put(ROOTS + 16 * (uint64_t)i, given[i].address + given[i].size - 1);
		put(ROOTS + 16 * (uint64_t)i + 8, given[i].address + given[i].size);
	}
	assert_string_equal(outcome_of(given, 7), "dpppppd");
	for (unsigned i = 1; i < 6; i++)
		put(ROOTS + 16 * (uint64_t)i, given[i].address + given[i].size / 2);
	assert_string_equal(outcome_of(given, 7), "dpppppd");
	for (unsigned i = 1; i < 6; i++)
		put(ROOTS + 16 * (uint64_t)i, given[i].address);
	assert_string_equal(outcome_of(given, 7), "drrrrrd");
}

/* Blocks with holes between them, and a heap that begins anywhere, also where there are no
 * addresses. */
static void expect_found_anywhere(uint64_t low)
{
	const struct given given[] = {{low, 24}, {low + (1 << 19), 24}, {low + (1 << 20), 24}};
	const uint64_t pointers[] = {low, low + (1 << 19) + 23, low + (1 << 20)};
	static const char *const expected[] = {"rdd", "dpd", "ddr"};
	const uint64_t others[] = {0, 1, UINT64_MAX, 1ull << 63, low - 1, low ^ 1ull << 32,
		low ^ 1ull << 47, low ^ 1ull << 48, low ^ 1ull << 63, low + (1 << 20) + 24,
		low + (1 << 21), low - (1 << 16), low + 24, low + (1 << 16), low + (1 << 19) - 1,
		low + (1 << 19) + 24, low + (1 << 20) - 1};

	for (unsigned at = 0; at < 40; at++) {
		for (unsigned i = 0; i < 40; i++)
			put(ROOTS + i * 8, others[(at + i) % (sizeof(others) / sizeof(*others))]);
		assert_string_equal(outcome_of(given, 3), "ddd");
		for (unsigned i = 0; i < 3; i++) {
			put(ROOTS + at * 8, pointers[i]);
			assert_string_equal(outcome_of(given, 3), expected[i]);
		}
		world_release();
	}
}

static void pointers_among_other_words_are_found(void **state)
{
	static const uint64_t lows[] = {0x10000, 0x1f0000, 0x55550000, 0xffff0000, 0xfffffff0,
		0x7fffffff0000, HEAP + 16, 0x7ffff0000000, 0xfffffff00000, 0xffffffe00000,
		0xffffffff0000, 0x1000000000000, 0xff00000000000000, 0x7fffffffffc00000};

	(void)state;
	for (unsigned i = 0; i < sizeof(lows) / sizeof(*lows); i++)
		expect_found_anywhere(lows[i]);
}

/* Farther apart than the addresses of a process can be, but not of a hostile image. */
static void pointers_to_blocks_far_apart_are_found(void **state)
{
	const uint64_t near = 0x20000, middle = 0x10000000, far = near + (1ull << 48) + (1 << 20);

	(void)state;
	for (unsigned at = 0; at < 10; at++) {
		put(ROOTS + at * 8, near);
		assert_string_equal(OUTCOME({near, 24}, {middle, 24}, {far, 24}), "rdd");
		put(ROOTS + at * 8, middle);
		assert_string_equal(OUTCOME({near, 24}, {middle, 24}, {far, 24}), "drd");
		put(ROOTS + at * 8, far);
		assert_string_equal(OUTCOME({near, 24}, {middle, 24}, {far, 24}), "ddr");
		put(ROOTS + at * 8, 0);
	}
}

/* A plain implementation of the rules. */
#define MOST_BLOCKS 90000
static struct plain {
	struct given given;
	enum reach_class class;
	bool pending;
	unsigned leader; /* index: into whose clique it came, a leader's, which may be in another one's now */
} plain[MOST_BLOCKS];
static unsigned plain_count;
static unsigned plain_stack[MOST_BLOCKS], plain_pending;

static void plain_push(unsigned i)
{
	if (!plain[i].pending)
		plain_stack[plain_pending++] = i;
	plain[i].pending = true;
}

/* The leader in whose clique a block is in the end. */
static unsigned plain_leader(unsigned i)
{
	while (plain[i].class == REACH_INDIRECT)
		i = plain[i].leader;
	return i;
}

static uint64_t plain_word(uint64_t at)
{
	uint64_t word = 0;

	for (unsigned i = 0; i < world.pieces; i++) {
		if (at >= world.piece[i].at && at - world.piece[i].at + 8 <= world.piece[i].size)
			memcpy(&word, world.piece[i].bytes + (at - world.piece[i].at), 8);
	}
	return word;
}

static int plain_find(uint64_t word)
{
	int low = 0, high = (int)plain_count;

	while (low < high) {
		int middle = (low + high) / 2;

		if (plain[middle].given.address <= word)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return -1;
	return word - plain[low - 1].given.address <
			       (plain[low - 1].given.size ? plain[low - 1].given.size : 1)
		       ? low - 1
		       : -1;
}

static bool plain_vtable(uint64_t at)
{
	unsigned functions = 0;
	uint64_t end, other, mapped = world_mapping(&world, at, &end);

	if (!(mapped & REACH_MAPPED_FILE) || !(mapped & REACH_MAPPED_READ))
		return false;
	for (unsigned i = 0; i <= 20; i++) {
		uint64_t function;

		if (at + 8 * i > end - 9)
			return false;
		function = plain_word(at + 8 * i);
		if (!function)
			continue;
		mapped = world_mapping(&world, function, &other);
		if (!(mapped & REACH_MAPPED_FILE) || !(mapped & REACH_MAPPED_EXEC))
			return false;
		if (++functions == 2)
			return true;
	}
	return false;
}

static bool plain_shape(uint64_t word, const struct given *given)
{
	uint64_t at = given->address, size = given->size;

	if (at % 8)
		return false;
	if ((flags & REACH_STDSTRING) && word == at + 24 && plain_word(at + 8) + 25 == size &&
		plain_word(at) <= plain_word(at + 8))
		return true;
	if ((flags & REACH_LENGTH64) && word == at + 8 && plain_word(at) && plain_word(at) == size - 8)
		return true;
	if ((flags & REACH_NEWARRAY) && word == at + 8 && plain_word(at) &&
		(size - 8) % plain_word(at) == 0)
		return true;
	if ((flags & REACH_MULTIPLEINHERITANCE) && word % 8 == 0 && word + 8 <= at + size) {
		uint64_t inner = plain_word(word), first = plain_word(at);

		if (inner % 8 == 0 && inner >= 4096 && first % 8 == 0 && first >= 4096 &&
			plain_vtable(inner) && plain_vtable(first))
			return true;
	}
	if ((flags & REACH_ALIGNED) && word % 32 == 0 && word + 16 <= at + size) {
		uint64_t most = 32;

		while (word % (2 * most) == 0)
			most *= 2;
		return word - at <= most &&
		       ((word >= at + 8 && plain_word(word - 8) == at) || plain_word(word) == at ||
			       plain_word(word + 8) == at);
	}
	return false;
}

static void plain_mark(uint64_t word, bool definite, int leader)
{
	int i = plain_find(word);
	bool sure;

	if (i < 0)
		return;
	if (leader >= 0) {
		if (plain[i].class == REACH_NOT_CLASSED && i != leader) {
			plain[i].class = REACH_INDIRECT;
			plain[i].leader = (unsigned)leader;
			plain_push((unsigned)i);
		}
		return;
	}
	sure = definite && (word == plain[i].given.address || plain_shape(word, &plain[i].given));
	if (sure && plain[i].class != REACH_REACHABLE) {
		plain[i].class = REACH_REACHABLE;
		plain_push((unsigned)i);
	} else if (plain[i].class == REACH_NOT_CLASSED) {
		plain[i].class = REACH_POSSIBLE;
		plain_push((unsigned)i);
	}
}

static void plain_take(uint64_t word, bool definite, int leader)
{
	int i;

	if (!word)
		return;

	plain_mark(word, definite, leader);
	i = plain_find(word);
	if ((flags & REACH_TAGS) && word % 8 && (i < 0 || plain[i].given.address != word))
		plain_mark(word & ~(uint64_t)7, definite, leader);
}

static void plain_scan(uint64_t start, uint64_t end, bool definite, int leader)
{
	for (uint64_t at = (start + 7) & ~(uint64_t)7; at + 8 <= end; at += 8)
		plain_take(plain_word(at), definite, leader);
}

static void plain_follow(int leader)
{
	while (plain_pending) {
		struct plain *block = &plain[plain_stack[--plain_pending]];

		block->pending = false;
		plain_scan(block->given.address, block->given.address + block->given.size,
			block->class != REACH_POSSIBLE, leader);
	}
}

static void plain_roots(uint64_t start, uint64_t end)
{
	for (unsigned i = 0; i < plain_count && start < end; i++) {
		const struct given *given = &plain[i].given;

		if (!given->size || given->address + given->size <= start || given->address >= end)
			continue;
		if (given->address > start)
			plain_scan(start, given->address, true, -1);
		start = given->address + given->size;
	}
	if (start < end)
		plain_scan(start, end, true, -1);
}

static void plain_finish(void)
{
	for (unsigned i = 0; i < plain_count; i++) {
		if (plain[i].class != REACH_NOT_CLASSED)
			continue;
		plain_push(i);
		plain_follow((int)i);
	}
	for (unsigned i = 0; i < plain_count; i++) {
		if (plain[i].class == REACH_NOT_CLASSED)
			plain[i].class = REACH_DEFINITE;
	}
}

/* Random memories. */
static uint64_t seed;

static uint64_t random_below(uint64_t limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed * 0x2545f4914f6cdd1dull % limit;
}

static uint64_t random_pointer(void)
{
	const struct given *given = &plain[random_below(plain_count)].given;

	switch (random_below(11)) {
	case 10:
		return (given->address + 31) / 32 * 32;
	case 0:
		return given->address + random_below(given->size + 16);
	case 1:
		return given->address + 8;
	case 2:
		return given->address + 1 + random_below(7);
	case 3:
		return given->address + given->size - random_below(9);
	default:
		return given->address;
	}
}

/* Blocks of a heap with some character, some pointers in them and in the roots. */
static void random_world(void)
{
	static const unsigned aligns[] = {1, 8, 16, 16, 32, 64, 4096};
	unsigned align = aligns[random_below(7)], blocks = 1 + (unsigned)random_below(600);
	uint64_t most_size = 1 + random_below(random_below(4) ? 200 : 20000), gap = random_below(3);
	uint64_t at = HEAP + random_below(1 << 24), heap_end, links = random_below(4 * blocks);

	if (random_below(3) == 0)
		blocks = 1 + blocks / 30;
	at += -at & (align - 1);
	plain_count = 0;
	heap_end = HEAP + (1 << 24) + (1 << 23);
	memset(plain, 0, 600 * sizeof(*plain));
	while (plain_count < blocks) {
		uint64_t size = random_below(most_size + 1);

		if (random_below(400) == 0)
			size = random_below(3 << 20);
		if (gap && random_below(10) == 0)
			at += random_below(gap == 1 ? 1000 : 100000);
		at += -at & (align - 1);
		if (at + size + 1 >= heap_end)
			break;
		plain[plain_count++].given = (struct given){at, size};
		at += size ? size : 1;
	}
	if (!plain_count)
		plain[plain_count++].given = (struct given){HEAP + 1, 30};
	/* The heap has a hole that cannot be read. */
	map_piece(HEAP, (1 << 24) - 4096, 0);
	map_piece(HEAP + (1 << 24), 1 << 23, 0);
	map_piece(ROOTS, 4096, 0);
	map_piece(TEXT, 4096, REACH_MAPPED_FILE | REACH_MAPPED_READ | REACH_MAPPED_EXEC);
	map_piece(TABLES, 4096, REACH_MAPPED_FILE | REACH_MAPPED_READ);
	for (unsigned i = 0; i < 512; i++) {
		if (random_below(3))
			put(TABLES + 8 * i, TEXT + random_below(4096 + 20));
	}
	for (uint64_t i = 0; i < links; i++) {
		const struct given *given = &plain[random_below(plain_count)].given;
		uint64_t where = given->address + random_below(given->size + 8), word = random_pointer();

		switch (random_below(12)) {
		case 0:
			where = given->address;
			word = TABLES + random_below(512) * 8;
			break;
		case 1:
			where = given->address;
			word = given->size - (random_below(2) ? 8 : 25);
			break;
		case 2:
			where = given->address + 8;
			word = given->size - 25;
			break;
		case 3:
			where = given->address;
			word = random_below(9);
			break;
		case 4: /* as if something in it were aligned by hand */
			where = (given->address + 31) / 32 * 32 + 8 * random_below(3) - 8;
			word = given->address;
			break;
		default:
			where -= where % 8;
		}
		if (where + 8 <= HEAP + (1 << 24) - 4096 || where >= HEAP + (1 << 24))
			if (where + 8 <= heap_end)
				put(where, word);
	}
	links = random_below(random_below(2) ? 4 : 20);
	for (uint64_t i = 0; i < links; i++)
		put(ROOTS + random_below(512) * 8, random_pointer());
	world.at_once = random_below(8) ? 0 : 1 + random_below(40);
}

static bool compare(void *context, const struct reach_block *block)
{
	unsigned *i = context;

	assert_true(*i < plain_count);
	assert_int_equal(block->address, plain[*i].given.address);
	assert_int_equal(block->size, plain[*i].given.size);
	assert_int_equal(block->site, *i + 1);
	assert_int_equal(block->class, plain[*i].class);
	if (block->class != REACH_INDIRECT)
		assert_int_equal(block->leader_site, 0);
	else if (block->leader_site || !(world.fails_at || world.fails_each || world.most))
		assert_int_equal(block->leader_site, plain_leader(*i) + 1);
	++*i;
	return true;
}

struct chain {
	uint64_t target; /* an address in the block that is pointed at */
	enum reach_class class;
	unsigned steps;
	bool end; /* at a root */
};

static bool follow_chain(
	void *context, const struct reach_step *step, const struct reach_block *owner)
{
	struct chain *chain = context;
	int target = plain_find(chain->target), owned = step->at_hand ? -1 : plain_find(step->word), hit;
	uint64_t word = plain_word(step->word);

	assert_false(chain->end);
	assert_true(++chain->steps <= plain_count);
	if (!step->at_hand) {
		hit = plain_find(word);
		if (hit != target && (flags & REACH_TAGS))
			hit = plain_find(word & ~(uint64_t)7);
		assert_int_equal(hit, target);
	}
	if (owned >= 0 && !plain[owned].given.size)
		owned = -1;
	assert_int_equal(owner ? (int)owner->site - 1 : -1, owned);
	if (!owner) {
		assert_true(chain->class == REACH_REACHABLE || chain->class == REACH_POSSIBLE);
		chain->end = true;
		return true;
	}
	if (chain->class == REACH_REACHABLE)
		assert_int_equal(owner->class, REACH_REACHABLE);
	if (chain->class == REACH_INDIRECT)
		assert_true(owner->class == REACH_INDIRECT || owner->class == REACH_DEFINITE);
	chain->class = owner->class;
	chain->target = owner->address;
	return true;
}

static void check_paths(void)
{
	for (unsigned i = 0; i < plain_count; i++) {
		struct chain chain = {plain[i].given.address, plain[i].class, 0, false};
		bool noted = reach_path(reach, chain.target, follow_chain, &chain);

		assert_int_equal(noted, (flags & REACH_PATHS) && plain[i].class != REACH_DEFINITE);
		if (!noted)
			continue;
		if (chain.class == REACH_DEFINITE)
			assert_int_equal(plain_find(chain.target), plain_leader(i));
		else
			assert_true(chain.end);
	}
	assert_false(reach_path(reach, plain[0].given.address - 1, follow_chain, NULL));
}

/* Adds what there is memory for; the plain one has the same. False when not even a scan can begin. */
static bool begin_random(bool starved)
{
	unsigned added = 0;

	if (starved)
		world.most = 16000; /* every piece is as large as it has to be */
	reach = reach_begin(&view, flags);
	if (!reach)
		return false;
	for (unsigned i = 0; i < plain_count; i++) {
		if (!reach_add(reach, plain[i].given.address, plain[i].given.size, added + 1))
			continue;
		plain[added++].given = plain[i].given;
	}
	plain_count = added;
	if (starved)
		world.most = 600; /* not enough for a stack */
	for (int tries = 0; !reach_ready(reach); tries++) {
		assert_true(world.fails_at || world.fails_each || world.most);
		if (starved)
			world.most = 0;
		if (tries == 3)
			return false;
	}
	if (starved)
		world.most = 0;
	return true;
}

/* How many scans of random memories came to an end. */
static unsigned ends;

static void compare_random(bool starved)
{
	unsigned count = 0;
	uint64_t roots = HEAP + random_below(1 << 24), roots_end = roots + random_below(1 << 20);
	uint64_t at_hand = random_pointer();

	if (!begin_random(starved))
		return;
	reach_from(reach, ROOTS, ROOTS + 4096);
	plain_roots(ROOTS, ROOTS + 4096);
	if (random_below(2)) {
		reach_from(reach, roots, roots_end);
		plain_roots(roots, roots_end);
		reach_from_words(reach, &at_hand, 1);
		plain_take(at_hand, true, -1);
	}
	plain_follow(-1);
	reach_finish(reach);
	plain_finish();
	reach_each(reach, compare, &count);
	assert_int_equal(count, plain_count);
	if (plain_count)
		check_paths();
	ends++;
}

static uint32_t random_flags(void)
{
	return (uint32_t)random_below(2 * REACH_PATHS);
}

static void random_memories(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 1000; i++) {
		seed = i;
		flags = random_flags();
		random_world();
		compare_random(i % 4 == 0);
		world_end();
	}
}

static void short_of_memory(void **state)
{
	(void)state;
	ends = 0;
	for (uint64_t i = 1; i <= 600; i++) {
		seed = i;
		flags = random_flags();
		random_world();
		if (i % 2)
			world.fails_each = 2 + (unsigned)random_below(4);
		else
			world.most = 12000 + random_below(10000);
		compare_random(false);
		world_end();
	}
	assert_true(ends > 400);
}

static void any_allocation_may_fail(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 6; i++) {
		bool failed = true;

		for (unsigned n = 1; failed; n++) {
			seed = i;
			flags = random_flags();
			random_world();
			world.fails_at = n;
			compare_random(false);
			failed = world.takes >= n;
			world_end();
		}
	}
}

/* More blocks are to be followed at once than have room on any stack. */
static void many_blocks(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 3; i++) {
		seed = i;
		flags = i == 3 ? REACH_TAGS : 0;
		map_piece(HEAP, MOST_BLOCKS * 64, 0);
		map_piece(ROOTS, 4096, 0);
		memset(plain, 0, sizeof(plain));
		for (plain_count = 0; plain_count < MOST_BLOCKS; plain_count++)
			plain[plain_count].given =
				(struct given){HEAP + plain_count * 64ull, 8 + random_below(50)};
		for (unsigned k = 0; k < (i == 1 ? 1 : 4) * MOST_BLOCKS; k++)
			put(HEAP + random_below(MOST_BLOCKS * 8ull) * 8, random_pointer());
		if (i != 2)
			put(ROOTS, plain[plain_count / 2].given.address);
		compare_random(false);
		world_end();
	}
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, start_world, end_world)
	const struct CMUnitTest tests[] = {
		CASE(a_pointer_to_the_start_reaches),
		CASE(a_pointer_into_a_block_may_reach),
		CASE(a_block_of_no_bytes_has_its_start),
		CASE(what_is_reached_reaches),
		CASE(reached_is_better_than_perhaps),
		CASE(words_at_hand_are_roots),
		CASE(only_aligned_words_count),
		CASE(contents_end_with_the_requested_size),
		CASE(blocks_in_roots_are_no_roots),
		CASE(lost_blocks_hang_on_leaders),
		CASE(later_leaders_take_earlier_ones_in),
		CASE(the_first_of_a_circle_leads),
		CASE(who_comes_first_keeps_what_is_shared),
		CASE(lost_is_not_what_hangs_on_perhaps),
		CASE(what_cannot_be_read_is_counted),
		CASE(words_may_be_in_pieces),
		CASE(old_strings),
		CASE(counted_bytes),
		CASE(new_arrays),
		CASE(inner_objects),
		CASE(aligned_by_hand),
		CASE(shapes_do_not_make_perhaps_sure),
		CASE(tags_are_taken_off),
		CASE(order_is_asked_for),
		CASE(nothing_is_nothing),
		CASE(large_blocks_have_their_size),
		CASE(pointers_among_other_words_are_found),
		CASE(pointers_to_blocks_far_apart_are_found),
		cmocka_unit_test(random_memories),
		cmocka_unit_test(short_of_memory),
		cmocka_unit_test(any_allocation_may_fail),
		cmocka_unit_test(many_blocks),
	};

	/* Large worlds are made of pages that are zero already. */
	mallopt(M_MMAP_THRESHOLD, 1 << 20);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
