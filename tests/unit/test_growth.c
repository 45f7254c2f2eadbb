/* Growth, rates and order of sites over several loads, with times that the test gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/growth.h"

#define SECOND 1000000000ull

static struct model model;
static struct growth growth;
static uint64_t now_ns;

static const struct growth_options no_names = {.shown = 10};

static int start(void **state)
{
	(void)state;
	model_init(&model);
	growth_init(&growth);
	now_ns = 100 * SECOND;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	growth_free(&growth);
	model_free(&model);
	return 0;
}

/* Begins what stands in the model now; hold() and map() add to it; load() takes it in. */
static void begin(void)
{
	model_begin_again(&model);
	model_add_process(&model);
}

static void add(enum site_kind kind, enum site_class class, uint64_t place, uint64_t bytes,
	uint64_t blocks, uint64_t allocs)
{
	struct process *process = &model.processes[0];
	struct site *site = model_site(&model, kind, class, "malloc", model_frame(&model, 0, 0, place, 0));
	struct amount *sum = kind == KIND_HEAP ? &process->live : &process->regions[kind];

	site->live.bytes += bytes;
	site->live.blocks += blocks;
	site->total_allocs += allocs;
	sum->bytes += bytes;
	sum->blocks += blocks;
	process->allocs += allocs;
	if (class == CLASS_SUPPRESSED) {
		process->classes[class].bytes += bytes;
		process->classes[class].blocks += blocks;
	}
}

static void hold(uint64_t place, uint64_t bytes, uint64_t blocks, uint64_t allocs)
{
	add(KIND_HEAP, CLASS_UNKNOWN, place, bytes, blocks, allocs);
}

static void load(double seconds)
{
	now_ns += (uint64_t)(seconds * 1e9);
	growth_add(&growth, &model, now_ns);
}

static void rank(enum growth_sort sort)
{
	growth_rank(&growth, &model, NULL, sort, &no_names);
}

static uint64_t place_of(size_t row)
{
	assert_true(row < growth.row_count);
	return model.frames[growth.rows[row].site->frame].offset;
}

static void expect_row(
	size_t row, uint64_t place, uint64_t bytes, int64_t since_start, int64_t since_last)
{
	assert_int_equal(place_of(row), place);
	assert_int_equal(growth.rows[row].live.bytes, bytes);
	assert_int_equal(growth.rows[row].since_start, since_start);
	assert_int_equal(growth.rows[row].since_last, since_last);
}

static void expect_near(double value, double expected)
{
	assert_true(value > expected - 0.001 && value < expected + 0.001);
}

static void what_grew_comes_first(void **state)
{
	(void)state;
	begin();
	hold(1, 9000, 9, 9);
	hold(2, 100, 1, 1);
	hold(3, 5000, 5, 5);
	load(0);
	rank(GROWTH_SINCE_START);
	expect_row(0, 1, 9000, 0, 0); /* nothing to compare with: the largest first */
	expect_row(1, 3, 5000, 0, 0);
	expect_row(2, 2, 100, 0, 0);
	begin();
	hold(1, 8000, 8, 20);
	hold(2, 400, 4, 4);
	hold(3, 5000, 5, 5);
	hold(4, 250, 5, 5);
	load(1);
	rank(GROWTH_SINCE_START);
	assert_int_equal(growth.row_count, 4);
	expect_row(0, 2, 400, 300, 300);
	expect_row(1, 4, 250, 250, 250); /* it was not there at the start */
	expect_row(2, 1, 8000, -1000, -1000);
	expect_row(3, 3, 5000, 0, 0);
	rank(GROWTH_LIVE);
	assert_int_equal(place_of(0), 1);
	rank(GROWTH_ALLOCS);
	assert_int_equal(place_of(0), 1);
	expect_near(growth.rows[0].allocs_rate, 11);
	begin();
	hold(2, 350, 3, 4);
	hold(3, 5000, 5, 5);
	load(1);
	rank(GROWTH_SINCE_START);
	assert_int_equal(growth.row_count, 2); /* what holds nothing has no row */
	expect_row(0, 2, 350, 250, -50);
	begin();
	hold(1, 9500, 3, 30);
	load(1);
	rank(GROWTH_SINCE_START);
	expect_row(0, 1, 9500, 500, 9500); /* it has come back */
}

static void rates_are_means(void **state)
{
	(void)state;
	begin();
	hold(1, 1000, 1, 100);
	load(0);
	assert_true(growth.live.rate.seconds == 0);
	begin();
	hold(1, 3000, 1, 110);
	load(2);
	rank(GROWTH_RATE);
	expect_near(growth.rows[0].bytes_rate, 1000);
	expect_near(growth.rows[0].allocs_rate, 5);
	begin();
	hold(1, 3000, 1, 110);
	load(2); /* within ten seconds: the mean since the start */
	rank(GROWTH_RATE);
	expect_near(growth.rows[0].bytes_rate, 500);
	expect_near(growth.rows[0].allocs_rate, 2.5);
	expect_near(growth.live.rate.per_second, 500);
	begin();
	hold(1, 3000, 1, 110);
	load(96); /* a long time without growth counts for what it is */
	rank(GROWTH_RATE);
	expect_near(growth.rows[0].bytes_rate, 20);
	begin();
	hold(1, 13000, 1, 110);
	load(10); /* then ten seconds weigh half */
	rank(GROWTH_RATE);
	expect_near(growth.rows[0].bytes_rate, 510);
}

/* The rates of sites add up to that of the process, also when a site comes later. */
static void rates_add_up(void **state)
{
	(void)state;
	begin();
	hold(1, 1000, 1, 1);
	load(0);
	for (uint64_t i = 1; i <= 20; i++) {
		begin();
		hold(1, 1000 + i * 300, 1, i);
		if (i >= 7)
			hold(2, i * i * 50, 1, i);
		load(1.5);
		rank(GROWTH_RATE);
		double sum = 0;
		for (size_t row = 0; row < growth.row_count; row++)
			sum += growth.rows[row].bytes_rate;
		expect_near(sum, growth.live.rate.per_second);
	}
	assert_int_equal(place_of(0), 2);
}

/* What frees at once all that it allocates has a row where allocations are what counts. */
static void what_holds_nothing_may_allocate_most(void **state)
{
	(void)state;
	begin();
	hold(1, 10, 1, 1000);
	hold(2, 10, 1, 1);
	load(0);
	rank(GROWTH_ALLOCS);
	assert_false(growth.rows[0].allocs_known);
	begin();
	hold(1, 0, 0, 1040);
	hold(2, 10, 1, 5);
	hold(3, 0, 0, 80);
	load(4);
	rank(GROWTH_LIVE);
	assert_int_equal(growth.row_count, 1);
	rank(GROWTH_ALLOCS);
	assert_int_equal(growth.row_count, 3);
	expect_row(0, 3, 0, 0, 0); /* it was not there at the start */
	expect_near(growth.rows[0].allocs_rate, 20);
	expect_row(1, 1, 0, -10, -10);
	assert_true(growth.rows[1].allocs_known);
	expect_near(growth.rows[1].allocs_rate, 10);
	assert_int_equal(place_of(2), 2);
	for (int i = 0; i < 10; i++) {
		begin();
		hold(1, 0, 0, 1040);
		hold(2, 10, 1, 5);
		hold(3, 0, 0, 80);
		load(100);
	}
	rank(GROWTH_ALLOCS);
	assert_int_equal(growth.row_count, 1); /* and none when it has stopped */
	assert_int_equal(place_of(0), 2);
}

static void regions_come_behind_and_suppressed_not_at_all(void **state)
{
	(void)state;
	begin();
	hold(1, 10, 1, 1);
	add(KIND_MMAP, CLASS_UNKNOWN, 2, 1 << 20, 1, 1);
	add(KIND_HEAP, CLASS_SUPPRESSED, 3, 5000, 5, 5);
	load(0);
	rank(GROWTH_SINCE_START);
	assert_int_equal(growth.row_count, 2);
	assert_int_equal(growth.heap_rows, 1);
	expect_row(0, 1, 10, 0, 0);
	expect_row(1, 2, 1 << 20, 0, 0);
	assert_int_equal(growth.live_now.bytes, 10);
	assert_int_equal(growth.suppressed.bytes, 5000);
	assert_int_equal(growth.mapped_now.bytes, 1 << 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_grew_comes_first, start, stop),
		cmocka_unit_test_setup_teardown(rates_are_means, start, stop),
		cmocka_unit_test_setup_teardown(rates_add_up, start, stop),
		cmocka_unit_test_setup_teardown(what_holds_nothing_may_allocate_most, start, stop),
		cmocka_unit_test_setup_teardown(regions_come_behind_and_suppressed_not_at_all, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
