/* The memory of a core as a scan reads it: what is there, what is zeros, what is missing and
 * counts; and the order in which it gets the blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "analyzer/core_view.h"
#include "analyzer/live_sorted.h"

#define BASE 0x7f0000000000ull

static struct core_file core;
static struct core_segment segments[8];
static struct map rows[8];
static enum core_lack lacks[8];
static struct core_maps maps;
static struct core_modules modules;
static struct core_bytes files;
static struct core_view view;
static struct pool pool;

/* A file whose 8-byte words tell where they are. */
static int make_file(uint64_t size)
{
	char path[] = "/tmp/leak-unit.core.XXXXXX";
	int fd = mkstemp(path);
	uint64_t *words = malloc(size);

	assert_true(fd >= 0);
	unlink(path);
	for (uint64_t at = 0; at < size; at += 8)
		words[at / 8] = at;
	assert_int_equal(write(fd, words, size), size);
	free(words);
	return fd;
}

static int setup(void **state)
{
	(void)state;
	core = (struct core_file){.fd = make_file(1 << 20), .segments = segments, .signal = 11};
	maps = (struct core_maps){.rows = rows, .lacks = lacks};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	core_view_close(&view);
	core_bytes_close(&files);
	pool_free(&pool);
	close(core.fd);
	return 0;
}

static struct map *add(uint64_t start, uint64_t size, uint64_t at, uint64_t kept, uint64_t held)
{
	segments[core.segment_count++] = (struct core_segment){.start = start,
		.size = size,
		.at = at,
		.kept = kept,
		.held = held,
		.readable = true,
		.writable = true};
	core.held_bytes += held;
	rows[maps.count] = (struct map){
		.start = start, .end = start + size, .readable = true, .writable = true};
	lacks[maps.count] = LACK_ZEROS;
	return &rows[maps.count++];
}

static void open_view(void)
{
	core_bytes_open(&files, &core, &modules, NULL);
	core_view_open(&view, &core, &maps, &files, &pool);
}

/* The word at an address, and how many bytes of `wanted` come with it. */
static bool word(uint64_t at, uint64_t wanted, uint64_t *ret, uint64_t *ret_size)
{
	const void *bytes;

	*ret_size = wanted;
	bytes = view.view.read(view.view.context, at, ret_size);
	if (bytes == NULL)
		return false;
	memcpy(ret, bytes, *ret_size < 8 ? *ret_size : 8);
	return true;
}

static void expect_there(uint64_t at, uint64_t expected)
{
	uint64_t value = 0, size;

	assert_true(word(at, 8, &value, &size));
	assert_int_equal(size, 8);
	assert_int_equal(value, expected);
}

static void expect_skip(uint64_t at, uint64_t wanted, uint64_t expected)
{
	uint64_t value, size;

	assert_false(word(at, wanted, &value, &size));
	assert_int_equal(size, expected);
}

static void reads_what_is_there(void **state)
{
	(void)state;
	add(BASE, 0x40000, 0x1000, 0x40000, 0x40000);
	add(BASE + 0x40000, 0x10000, 0x60000, 0x10000, 0x10000);
	open_view();
	for (uint64_t at = 0; at < 0x40000; at += 8)
		expect_there(BASE + at, 0x1000 + at);
	for (uint64_t at = 0x10000; at-- > 0;)
		if (at % 8 == 0)
			expect_there(BASE + 0x40000 + at, 0x60000 + at);
	for (uint64_t n = 0; n < 1000; n++)
		expect_there(
			BASE + n * 0x9e37 % 0x40000 / 8 * 8, 0x1000 + n * 0x9e37 % 0x40000 / 8 * 8);
	assert_int_equal(view.missing_bytes, 0);
}

static void segments_begin_anywhere(void **state)
{
	(void)state;
	add(BASE + 8, 16, 0x100, 16, 16);
	add(BASE + 24, 0x2000, 0x800, 0x2000, 0x2000);
	open_view();
	expect_there(BASE + 24, 0x800);
	expect_there(BASE + 8, 0x100);
	expect_there(BASE + 16, 0x108);
	expect_there(BASE + 32, 0x808);
	expect_there(BASE + 24 + 0x1ff8, 0x800 + 0x1ff8);
	expect_skip(BASE, 8, 8);
	expect_skip(BASE, 64, 8);
	assert_int_equal(view.missing_bytes, 0);
}

static void truncated_memory_counts(void **state)
{
	uint64_t value, size;

	(void)state;
	add(BASE, 0x10000, 0x1000, 0x10000, 0x2804);
	open_view();
	expect_there(BASE + 0x27f8, 0x37f8);
	assert_true(word(BASE + 0x2800, 8, &value, &size));
	assert_int_equal(size, 4);
	expect_skip(BASE + 0x2804, 4, 4);
	assert_int_equal(view.missing_bytes, 4);
	expect_skip(BASE + 0x3000, 0x100000, 0xd000);
	assert_int_equal(view.missing_bytes, 4 + 0xd000);
}

static void memory_that_was_not_kept(void **state)
{
	(void)state;
	add(BASE, 0x10000, 0, 0, 0);
	add(BASE + 0x10000, 0x10000, 0, 0, 0);
	add(BASE + 0x20000, 0x10000, 0, 0, 0);
	lacks[1] = LACK_KEPT;
	lacks[2] = LACK_FILE;
	open_view();
	expect_skip(BASE + 8, 1ull << 40, 0xfff8);
	assert_int_equal(view.missing_bytes, 0);
	expect_skip(BASE + 0x10000, 1ull << 40, 0x10000);
	assert_int_equal(view.missing_bytes, 0x10000);
	expect_skip(BASE + 0x20000, 1ull << 40, 0x10000);
	assert_int_equal(view.missing_bytes, 0x10000);
}

static void nobody_may_read_it(void **state)
{
	(void)state;
	add(BASE, 0x10000, 0x1000, 0x10000, 0x10000)->readable = false;
	open_view();
	expect_skip(BASE, 0x20000, 0x10000);
	assert_int_equal(view.missing_bytes, 0);
}

/* The kernel lists all mappings, gcore does not. */
static void what_is_not_mapped(void **state)
{
	(void)state;
	add(BASE, 0x1000, 0x1000, 0x1000, 0x1000);
	open_view();
	expect_skip(BASE - 0x3000, 0x10000, 0x3000);
	expect_skip(BASE + 0x1000, 0x10000, 0x10000);
	expect_skip(UINT64_MAX - 7, 8, 8);
	assert_int_equal(view.missing_bytes, 0);
	core.signal = 0;
	expect_skip(BASE - 0x3000, 0x10000, 0x3000);
	assert_int_equal(view.missing_bytes, 0x3000);
}

static void a_file_that_shrinks(void **state)
{
	uint64_t value, size;

	(void)state;
	add(BASE, 0x10000, 0x1000, 0x10000, 0x10000);
	open_view();
	expect_there(BASE, 0x1000);
	assert_int_equal(ftruncate(core.fd, 0x3000), 0);
	assert_false(word(BASE + 0x8000, 0x1000, &value, &size));
	assert_true(size >= 8 && size <= 0x1000);
	assert_int_equal(view.missing_bytes, size);
	expect_there(BASE + 0x1008, 0x2008);
}

/* ---- the order of blocks ---- */

static uint64_t seen[16];
static uint32_t seen_space[16];
static size_t seen_count;

static bool see(void *context, uint32_t space, const struct image_block *block)
{
	(void)context;
	seen[seen_count] = block->address;
	seen_space[seen_count++] = space;
	return true;
}

/* A leaf of the heap is there twice, and a size is absurd, as only a damaged image has it. A block
 * holds one of a pool. */
static void blocks_come_in_order(void **state)
{
	struct image_block blocks[] = {
		{.address = 0x5000, .size = 32},
		{.address = 0x5040, .size = 32},
		{.address = 0x1000, .size = 64},
		{.address = 0x1040, .size = BLOCK_SIZE_UNKNOWN},
		{.address = 0x5000, .size = 100},
		{.address = 0x5050, .size = 8},
		{.address = 0x1010, .size = 16},
		{.address = 0x2008, .size = UINT64_MAX - 1},
	};
	struct live_run heap[] = {{0x1000, 2, 2}, {0x5000, 0, 2}, {0x5000, 4, 1}};
	struct live_run odd[] = {{0x2008, 7, 1}, {0x5050, 5, 1}};
	struct live_run custom[] = {{0x1010, 6, 1}};
	struct live_sorted live = {.blocks = blocks, .count = 8};

	(void)state;
	live.spaces[SPACE_HEAP].runs = heap;
	live.spaces[SPACE_HEAP].count = 3;
	live.spaces[SPACE_HEAP_ODD].runs = odd;
	live.spaces[SPACE_HEAP_ODD].count = 2;
	live.spaces[SPACE_CUSTOM].runs = custom;
	live.spaces[SPACE_CUSTOM].count = 1;
	seen_count = 0;
	live_sorted_each(&live, see, NULL);
	assert_int_equal(seen_count, 4);
	assert_int_equal(seen[0], 0x1010);
	assert_int_equal(seen_space[0], SPACE_CUSTOM);
	assert_int_equal(seen[1], 0x1040);
	assert_int_equal(seen[2], 0x5000);
	assert_int_equal(seen[3], 0x5040);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_what_is_there, setup, teardown),
		cmocka_unit_test_setup_teardown(segments_begin_anywhere, setup, teardown),
		cmocka_unit_test_setup_teardown(truncated_memory_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(memory_that_was_not_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody_may_read_it, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_not_mapped, setup, teardown),
		cmocka_unit_test_setup_teardown(a_file_that_shrinks, setup, teardown),
		cmocka_unit_test(blocks_come_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
