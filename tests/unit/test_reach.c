/* The scan for lost blocks, in small made-up memories: a heap, and a page of roots. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdbool.h>

#include "tests/unit/parts/reach_world.h"

static struct reach *reach;
static uint32_t flags;

static int start_world(void **state)
{
	(void)state;
	world_map(HEAP, 1 << 20, 0);
	world_map_program();
	flags = 0;
	return 0;
}

static int end_world(void **state)
{
	(void)state;
	world_end();
	return 0;
}

static void begin(const struct given *given, size_t count)
{
	reach = reach_begin(&world_view, flags);
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
	world_put(ROOTS + 16, HEAP + 16);
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 48, 24}), "rd");
}

static void a_pointer_into_a_block_may_reach(void **state)
{
	(void)state;
	world_put(ROOTS, HEAP + 17);
	world_put(ROOTS + 8, HEAP + 48 + 23);
	world_put(ROOTS + 16, HEAP + 80 + 24); /* behind its last byte */
	world_put(ROOTS + 24, HEAP + 111);     /* before its first */
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 48, 24}, {HEAP + 80, 24}, {HEAP + 112, 24}),
		"ppdd");
}

static void a_block_of_no_bytes_has_its_start(void **state)
{
	(void)state;
	world_put(ROOTS, HEAP + 16);
	world_put(ROOTS + 8, HEAP + 33);
	assert_string_equal(OUTCOME({HEAP + 16, 0}, {HEAP + 32, 0}), "rd");
}

static void what_is_reached_reaches(void **state)
{
	(void)state;
	world_put(ROOTS, HEAP + 80);
	world_put(HEAP + 80 + 16, HEAP + 16);
	world_put(HEAP + 16, HEAP + 48 + 8);
	world_put(HEAP + 48, HEAP + 112);
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 48, 24}, {HEAP + 80, 24}, {HEAP + 112, 24}),
		"rprp");
}

static void reached_is_better_than_perhaps(void **state)
{
	(void)state;
	world_put(ROOTS, HEAP + 17);
	world_put(HEAP + 16, HEAP + 48);
	world_put(HEAP + 48, HEAP + 80);
	world_put(ROOTS + 8, HEAP + 16);
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
	world_put(ROOTS + 12, HEAP + 16);
	assert_string_equal(OUTCOME({HEAP + 16, 24}), "d");
	world_put(ROOTS + 8, HEAP + 16);
	world_put(ROOTS + 32, HEAP + 16);
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
	world_put(ROOTS, HEAP + 16);
	world_put(HEAP + 32, HEAP + 48);
	assert_string_equal(OUTCOME({HEAP + 16, 23}, {HEAP + 48, 24}), "rd");
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 48, 24}), "rr");
}

static void blocks_in_roots_are_no_roots(void **state)
{
	static const struct given given[] = {
		{HEAP + 16, 24}, {HEAP + 48, 0}, {HEAP + 80, 24}, {HEAP + 112, 24}};

	(void)state;
	world_put(HEAP + 16, HEAP + 80);
	world_put(HEAP + 40, HEAP + 112);
	world_put(HEAP + 48, HEAP + 16);
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
	world_put(HEAP + 16, HEAP + 48);
	world_put(HEAP + 48, HEAP + 80 + 8); /* it does not matter where it points */
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 48, 24}, {HEAP + 80, 24}, {HEAP + 112, 24}),
		"diid");
	assert_int_equal(leaders[1], 1);
	assert_int_equal(leaders[2], 1);
}

static void later_leaders_take_earlier_ones_in(void **state)
{
	(void)state;
	world_put(HEAP + 16, HEAP + 48);
	world_put(HEAP + 80, HEAP + 16);
	world_put(HEAP + 112, HEAP + 80);
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 48, 24}, {HEAP + 80, 24}, {HEAP + 112, 24}),
		"iiid");
	for (int i = 0; i < 3; i++)
		assert_int_equal(leaders[i], 4);
}

static void the_first_of_a_circle_leads(void **state)
{
	(void)state;
	world_put(HEAP + 16, HEAP + 48);
	world_put(HEAP + 48, HEAP + 16);
	world_put(HEAP + 80, HEAP + 80); /* itself */
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 48, 24}, {HEAP + 80, 24}), "did");
}

static void who_comes_first_keeps_what_is_shared(void **state)
{
	(void)state;
	world_put(HEAP + 16, HEAP + 80);
	world_put(HEAP + 48, HEAP + 80);
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 48, 24}, {HEAP + 80, 24}), "ddi");
	assert_int_equal(leaders[2], 1);
}

static void lost_is_not_what_hangs_on_perhaps(void **state)
{
	(void)state;
	world_put(ROOTS, HEAP + 20);
	world_put(HEAP + 16, HEAP + 48);
	world_put(HEAP + 80, HEAP + 48);
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 48, 24}, {HEAP + 80, 24}), "ppd");
}

static void what_cannot_be_read_is_counted(void **state)
{
	struct reach_counts counts;

	(void)state;
	world_put(ROOTS, HEAP + (1 << 20) - 16);
	world_put(ROOTS + 8, HEAP + (1 << 20) + 4096);
	world_put(HEAP + (1 << 20) - 8, HEAP + 16);
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
	world_put(ROOTS + 16, HEAP + 16);
	world_put(HEAP + 16, HEAP + 48);
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
		world_put(ROOTS + 8 * (uint64_t)i, given[i].address + 24);
		world_put(given[i].address, i == 2 ? 41 : 40);
		world_put(given[i].address + 8, 40);
	}
	expect_shape(REACH_STDSTRING, "rpp", given, 3);
}

static void counted_bytes(void **state)
{
	static const struct given given[] = {{HEAP + 16, 63}, {HEAP + 128, 63}};

	(void)state;
	world_put(ROOTS, given[0].address + 8);
	world_put(ROOTS + 8, given[1].address + 8);
	world_put(given[0].address, 55);
	world_put(given[1].address, 54);
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
	world_put(ROOTS, given[0].address + 8);
	world_put(ROOTS + 8, given[1].address + 8);
	world_put(ROOTS + 16, given[2].address + 16);
	world_put(given[0].address, 7);
	world_put(given[1].address, 6);
	world_put(given[2].address, 7);
	expect_shape(REACH_NEWARRAY, "rpp", given, 3);
}

static void inner_objects(void **state)
{
	static const struct given given[] = {{HEAP + 16, 64}, {HEAP + 128, 64}, {HEAP + 256, 64},
		{HEAP + 384, 64}, {HEAP + 512, 20}};

	(void)state;
	world_put(TABLES + 16, TEXT + 16);
	world_put(TABLES + 32, TEXT + 32); /* NULL between them */
	world_put(TABLES + 512, TEXT + 16);
	world_put(TABLES + 512 + 22 * 8, TEXT + 16); /* too far away */
	world_put(TABLES + 1024, TEXT + 16);
	world_put(TABLES + 1032, ROOTS);
	world_put(TABLES + 4096 - 16, TEXT);
	world_put(TABLES + 4096 - 8, TEXT); /* the last word is not looked at */
	for (int i = 0; i < 5; i++) {
		world_put(ROOTS + 8 * (uint64_t)i, given[i].address + 16);
		world_put(given[i].address, TABLES + 16);
		world_put(given[i].address + 16, TABLES + 16);
	}
	world_put(given[1].address + 16, TABLES + 512);
	world_put(given[2].address, TABLES + 1024);
	world_put(given[3].address, TABLES + 4096 - 16);
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
		world_put(ROOTS + 8 * (uint64_t)i, to[i]);
		world_put(to[i] + (uint64_t)(8 * at[i]), given[i].address);
	}
	expect_shape(REACH_ALIGNED, "rrrpppp", given, 7);
}

static void shapes_do_not_make_perhaps_sure(void **state)
{
	(void)state;
	world_put(ROOTS, HEAP + 18);
	world_put(HEAP + 16, HEAP + 128 + 8);
	world_put(HEAP + 128, 56);
	flags = REACH_ALL_HEURISTICS;
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 128, 64}), "pp");
	world_put(ROOTS + 8, HEAP + 16);
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 128, 64}), "rr");
}

static void tags_are_taken_off(void **state)
{
	(void)state;
	world_put(ROOTS, HEAP + 16 + 1);
	world_put(ROOTS + 8, HEAP + 48 + 7); /* behind its end */
	world_put(ROOTS + 16, HEAP + 80 + 8 + 4);
	world_put(ROOTS + 24, HEAP + 112 + 5); /* the start of one that is not aligned */
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 48, 5}, {HEAP + 80, 24}, {HEAP + 112, 5},
				    {HEAP + 117, 5}),
		"pdpdr");
	flags = REACH_TAGS;
	assert_string_equal(OUTCOME({HEAP + 16, 24}, {HEAP + 48, 5}, {HEAP + 80, 24}, {HEAP + 112, 5},
				    {HEAP + 117, 5}),
		"rrpdr");
	world_put(ROOTS + 8, HEAP + 48 + 8);
	world_put(ROOTS + 24, HEAP + 112 + 6);
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
	reach = reach_begin(&world_view, 0);
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
	world_put(ROOTS, HEAP);
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
		world_put(ROOTS + 16 * (uint64_t)i, given[i].address + given[i].size - 1);
		world_put(ROOTS + 16 * (uint64_t)i + 8, given[i].address + given[i].size);
	}
	assert_string_equal(outcome_of(given, 7), "dpppppd");
	for (unsigned i = 1; i < 6; i++)
		world_put(ROOTS + 16 * (uint64_t)i, given[i].address + given[i].size / 2);
	assert_string_equal(outcome_of(given, 7), "dpppppd");
	for (unsigned i = 1; i < 6; i++)
		world_put(ROOTS + 16 * (uint64_t)i, given[i].address);
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
			world_put(ROOTS + i * 8, others[(at + i) % (sizeof(others) / sizeof(*others))]);
		assert_string_equal(outcome_of(given, 3), "ddd");
		for (unsigned i = 0; i < 3; i++) {
			world_put(ROOTS + at * 8, pointers[i]);
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
		world_put(ROOTS + at * 8, near);
		assert_string_equal(OUTCOME({near, 24}, {middle, 24}, {far, 24}), "rdd");
		world_put(ROOTS + at * 8, middle);
		assert_string_equal(OUTCOME({near, 24}, {middle, 24}, {far, 24}), "drd");
		world_put(ROOTS + at * 8, far);
		assert_string_equal(OUTCOME({near, 24}, {middle, 24}, {far, 24}), "ddr");
		world_put(ROOTS + at * 8, 0);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
