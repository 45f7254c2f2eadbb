/* Paths from a block to its root, in made-up memories: how long ones are made short, where they are
 * cut, and what happens when there are too many steps or there is no memory. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "preload/path_list.h"
#include "preload/path_steps.h"

/* ---- steps ---- */

static struct path_steps steps;
static struct image_path rows[PATH_ROWS_MAX];

static int begin_steps(void **state)
{
	(void)state;
	memset(&steps, 0, sizeof(steps));
	memset(rows, 0xee, sizeof(rows));
	return 0;
}

static void step(uint32_t site, uint64_t address, uint64_t offset)
{
	path_steps_add(&steps, &(struct image_path){.kind = PATH_STEP,
				       .site = site,
				       .address = address,
				       .size = 48,
				       .offset = offset,
				       .count = 1});
}

static uint64_t counted(size_t count)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += rows[i].count;
	return sum;
}

static void no_step_is_no_row(void **state)
{
	(void)state;
	assert_int_equal(path_steps_rows(&steps, rows), 0);
}

static void a_list_is_one_row(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 1000000; i++)
		step(7, 0x1000 + i * 64, 8);
	assert_int_equal(path_steps_rows(&steps, rows), 1);
	assert_int_equal(rows[0].count, 1000000);
	assert_int_equal(rows[0].site, 7);
	assert_int_equal(rows[0].address, 0x1000);
	assert_int_equal(rows[0].offset, 8);
	assert_int_equal(rows[0].flags, 0);
}

static void other_offsets_are_told(void **state)
{
	(void)state;
	step(7, 0x1000, 8);
	step(7, 0x1040, 16);
	step(7, 0x1080, 8);
	assert_int_equal(path_steps_rows(&steps, rows), 1);
	assert_int_equal(rows[0].count, 3);
	assert_int_equal(rows[0].offset, 8);
	assert_int_equal(rows[0].flags, PATH_SEVERAL_OFFSETS);
}

static void other_sizes_and_inner_pointers_are_told(void **state)
{
	struct image_path one = {.kind = PATH_STEP, .site = 3, .size = 8, .count = 1};

	(void)state;
	path_steps_add(&steps, &one);
	one.size = 16;
	one.into = 4;
	path_steps_add(&steps, &one);
	assert_int_equal(path_steps_rows(&steps, rows), 1);
	assert_int_equal(rows[0].into, 0);
	assert_int_equal(rows[0].flags, PATH_SEVERAL_SIZES | PATH_INTO);
}

static void sites_that_take_turns_are_rows_each(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < PATH_NEAR_ROWS + PATH_FAR_ROWS; i++)
		step(1 + i % 2, i, 0);
	assert_int_equal(path_steps_rows(&steps, rows), PATH_NEAR_ROWS + PATH_FAR_ROWS);
	for (uint32_t i = 0; i < PATH_NEAR_ROWS + PATH_FAR_ROWS; i++) {
		assert_int_equal(rows[i].kind, PATH_STEP);
		assert_int_equal(rows[i].address, i);
	}
}

static void the_middle_is_cut(void **state)
{
	const uint32_t all = 100000;

	(void)state;
	for (uint32_t i = 0; i < all; i++)
		step(1 + i % 2, i, 0);
	assert_int_equal(path_steps_rows(&steps, rows), PATH_ROWS_MAX);
	assert_int_equal(rows[PATH_NEAR_ROWS - 1].address, PATH_NEAR_ROWS - 1);
	assert_int_equal(rows[PATH_NEAR_ROWS].kind, PATH_LEFT_OUT);
	assert_int_equal(rows[PATH_NEAR_ROWS].count, all - PATH_NEAR_ROWS - PATH_FAR_ROWS);
	assert_int_equal(rows[PATH_NEAR_ROWS + 1].address, all - PATH_FAR_ROWS);
	assert_int_equal(rows[PATH_ROWS_MAX - 1].address, all - 1);
	assert_int_equal(counted(PATH_ROWS_MAX), all);
}

static void one_too_many_is_cut(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < PATH_NEAR_ROWS + PATH_FAR_ROWS + 1; i++)
		step(1 + i % 2, i, 0);
	assert_int_equal(path_steps_rows(&steps, rows), PATH_ROWS_MAX);
	assert_int_equal(rows[PATH_NEAR_ROWS].count, 1);
}

static void runs_that_are_cut_count_whole(void **state)
{
	uint64_t all = 0;

	(void)state;
	for (uint32_t run = 0; run < 500; run++) {
		for (uint32_t i = 0; i <= run % 7; i++, all++)
			step(1 + run % 3, all, i);
	}
	assert_int_equal(path_steps_rows(&steps, rows), PATH_ROWS_MAX);
	assert_int_equal(counted(PATH_ROWS_MAX), all);
}

/* ---- paths ---- */

#define BLOCKS 100000u
#define HEAP 0x550000000000
#define ROOT 0x600000000000

/* Blocks of 16 bytes, each with a word that may point at another one; and one root. */
static struct {
	uint64_t words[BLOCKS][2];
	uint64_t root[2];
	void *taken[256];
	unsigned takes, fails_at;
} world;
static unsigned fails_next; /* world.fails_at, counted from when the scan is over */

static const void *world_read(void *context, uint64_t at, uint64_t *size)
{
	uint64_t room = 0;
	const char *bytes = NULL;

	(void)context;
	if (at - HEAP < sizeof(world.words)) {
		bytes = (const char *)world.words + (at - HEAP);
		room = sizeof(world.words) - (at - HEAP);
	} else if (at - ROOT < sizeof(world.root)) {
		bytes = (const char *)world.root + (at - ROOT);
		room = sizeof(world.root) - (at - ROOT);
	}
	if (bytes && *size > room)
		*size = room;
	return bytes;
}

static void *world_allocate(void *context, size_t size)
{
	void *ret = NULL;

	(void)context;
	if (++world.takes == world.fails_at || world.takes > 256)
		return NULL;
	if (posix_memalign(&ret, 64, size))
		abort();
	memset(ret, 0, size);
	world.taken[world.takes - 1] = ret;
	return ret;
}

static const struct reach_view view = {.read = world_read, .allocate = world_allocate};

static uint64_t block(uint32_t i)
{
	return HEAP + 16 * (uint64_t)i;
}

static int end_world(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 256; i++)
		free(world.taken[i]);
	memset(&world, 0, sizeof(world));
	return 0;
}

static uint64_t describe(void *context, const struct reach_step *word, struct image_path *row)
{
	assert_ptr_equal(context, &world);
	assert_int_equal(row->kind, PATH_ROOT);
	row->tid = word->at_hand ? 1 : 2;
	return word->at_hand ? block(0) + 4 : 0;
}

/* Site `1 + i % sites` for block i. */
static struct path_list find(uint32_t blocks, uint32_t sites, uint64_t at_most)
{
	struct reach *reach = reach_begin(&view, REACH_PATHS);
	struct path_list list = {.reach = reach,
		.view = &view,
		.site_end = sites + 1,
		.steps_left = at_most,
		.describe = describe,
		.context = &world};

	assert_non_null(reach);
	for (uint32_t i = 0; i < blocks; i++)
		assert_true(reach_add(reach, block(i), 16, 1 + i % sites));
	assert_true(reach_ready(reach));
	reach_from(reach, ROOT, ROOT + 16);
	reach_finish(reach);
	world.fails_at = fails_next ? world.takes + fails_next : 0;
	path_list_find(&list);
	return list;
}

static void chain(uint32_t blocks)
{
	world.root[1] = block(blocks - 1);
	for (uint32_t i = 1; i < blocks; i++)
		world.words[i][1] = block(i - 1);
}

static void a_path_ends_at_its_root(void **state)
{
	struct path_list list;

	(void)state;
	chain(3);
	list = find(3, 3, 100);
	assert_int_equal(list.paths, 3);
	assert_int_equal(list.cut, 0);
	assert_int_equal(list.count, 4 + 3 + 2);
	assert_int_equal(list.rows[0].kind, PATH_BLOCK);
	assert_int_equal(list.rows[0].address, block(0));
	assert_int_equal(list.rows[0].detail, BLOCK_REACHABLE);
	assert_int_equal(list.rows[1].address, block(1));
	assert_int_equal(list.rows[1].offset, 8);
	assert_int_equal(list.rows[2].address, block(2));
	assert_int_equal(list.rows[3].kind, PATH_ROOT);
	assert_int_equal(list.rows[3].address, ROOT + 8);
	assert_int_equal(list.rows[3].tid, 2);
	assert_int_equal(list.rows[8].kind, PATH_ROOT);
}

static void a_site_has_one_path_and_one_for_what_is_perhaps(void **state)
{
	struct path_list list;

	(void)state;
	world.root[0] = block(1);
	world.root[1] = block(2) + 4;
	list = find(4, 1, 100);
	assert_int_equal(list.paths, 2);
	assert_int_equal(list.rows[0].address, block(1));
	assert_int_equal(list.rows[0].into, 0);
	assert_int_equal(list.rows[2].address, block(2));
	assert_int_equal(list.rows[2].detail, BLOCK_POSSIBLE);
	assert_int_equal(list.rows[2].into, 4);
}

static void a_long_list_is_short(void **state)
{
	struct path_list list;

	(void)state;
	chain(BLOCKS);
	list = find(BLOCKS, 1, BLOCKS);
	assert_int_equal(list.count, 3);
	assert_int_equal(list.rows[1].count, BLOCKS - 1);
	assert_int_equal(list.rows[1].address, block(1));
}

static void what_exceeds_the_steps_is_counted(void **state)
{
	struct path_list list;

	(void)state;
	chain(1000);
	list = find(1000, 2, 1000); /* all of the first path, then one step is missing */
	assert_int_equal(list.paths, 1);
	assert_int_equal(list.cut, 1);
	list = find(1000, 2, 1999);
	assert_int_equal(list.paths, 2);
	assert_int_equal(list.cut, 0);
	list = find(1000, 2, 999);
	assert_int_equal(list.paths, 0);
	assert_int_equal(list.cut, 2);
	assert_int_equal(list.count, 0);
}

/* The n-th allocation for the paths fails. */
static void no_memory_is_counted(void **state)
{
	(void)state;
	for (unsigned n = 1; n < 8; n++) {
		struct path_list list;

		end_world(NULL);
		chain(600);
		fails_next = n;
		list = find(600, 300, 1000000);
		/* The first two are for what all of them need. */
		assert_true(n <= 2 ? list.count == 0 : list.paths + list.cut == 300);
		for (size_t i = 0; i < list.count; i++)
			assert_int_not_equal(list.rows[i].kind, 0);
	}
	fails_next = 0;
}

static void lost_blocks_lead_to_their_leader(void **state)
{
	struct path_list list;
	const struct reach_block lost = {
		.address = block(0), .size = 16, .site = 1, .class = REACH_INDIRECT};
	const struct reach_block leader = {
		.address = block(2), .size = 16, .site = 3, .class = REACH_DEFINITE};

	(void)state;
	chain(3);
	world.root[1] = 0;
	list = find(3, 3, 100);
	assert_int_equal(list.count, 0);
	assert_true(path_list_add(&list, &lost));
	assert_int_equal(list.count, 4);
	assert_int_equal(list.rows[2].address, block(2));
	assert_int_equal(list.rows[3].detail, ROOT_NONE);
	assert_true(path_list_add(&list, &leader));
	assert_int_equal(list.count, 6);
	assert_int_equal(list.rows[5].detail, ROOT_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(no_step_is_no_row, begin_steps),
		cmocka_unit_test_setup(a_list_is_one_row, begin_steps),
		cmocka_unit_test_setup(other_offsets_are_told, begin_steps),
		cmocka_unit_test_setup(other_sizes_and_inner_pointers_are_told, begin_steps),
		cmocka_unit_test_setup(sites_that_take_turns_are_rows_each, begin_steps),
		cmocka_unit_test_setup(the_middle_is_cut, begin_steps),
		cmocka_unit_test_setup(one_too_many_is_cut, begin_steps),
		cmocka_unit_test_setup(runs_that_are_cut_count_whole, begin_steps),
		cmocka_unit_test_teardown(a_path_ends_at_its_root, end_world),
		cmocka_unit_test_teardown(a_site_has_one_path_and_one_for_what_is_perhaps, end_world),
		cmocka_unit_test_teardown(a_long_list_is_short, end_world),
		cmocka_unit_test_teardown(what_exceeds_the_steps_is_counted, end_world),
		cmocka_unit_test_teardown(no_memory_is_counted, end_world),
		cmocka_unit_test_teardown(lost_blocks_lead_to_their_leader, end_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
