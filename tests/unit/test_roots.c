/* The choice of roots asks no more of memory than there is: however often the program names the
 * same, and however much is reserved. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "preload/roots.h"

#define BASE 0x7f0000000000ull /* a multiple of 64 MiB, as heaps are */
#define BYTES 0x4000u
#define BLOCK 0x555555560000ull
#define TAKEN_MOST 4096

static uint64_t memory[BYTES / 8];
static size_t asked; /* how often */
static void *taken[TAKEN_MOST];
static size_t taken_count;

static const void *read_memory(void *context, uint64_t at, uint64_t *size)
{
	(void)context;
	asked++;
	if (at < BASE || at >= BASE + BYTES)
		return NULL;
	if (*size > BASE + BYTES - at)
		*size = BASE + BYTES - at;
	return (const char *)memory + (at - BASE);
}

static void *allocate(void *context, size_t size)
{
	(void)context;
	assert_true(taken_count < TAKEN_MOST);
	return taken[taken_count++] = calloc(1, (size + 63) & ~(size_t)63);
}

static uint32_t mapping(void *context, uint64_t at, uint64_t *end)
{
	(void)context;
	*end = at + 1;
	return 0;
}

static const struct reach_view view = {
	.read = read_memory, .allocate = allocate, .mapping = mapping};

static int setup(void **state)
{
	(void)state;
	memset(memory, 0, sizeof(memory));
	asked = taken_count = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	while (taken_count)
		free(taken[--taken_count]);
	return 0;
}

static bool note_class(void *context, const struct reach_block *block)
{
	*(enum reach_class *)context = block->class;
	return true;
}

/* Scans with one block, and returns its class. */
static enum reach_class scan(struct roots *roots, struct reach_counts *ret)
{
	struct reach *reach = reach_begin(&view, 0);
	enum reach_class class = REACH_CLASS_COUNT;

	assert_true(reach_add(reach, BLOCK, 64, 1));
	assert_true(reach_ready(reach));
	roots_scan(roots, reach);
	reach_finish(reach);
	reach_counts(reach, ret);
	reach_each(reach, note_class, &class);
	return class;
}

static void memory_named_often_is_scanned_once(void **state)
{
	struct roots roots = {.view = &view};
	struct reach_counts counts;

	(void)state;
	memory[0x2ff8 / 8] = BLOCK;
	for (uint64_t i = 0; i < 1000; i++)
		roots_add(&roots, &roots.program, BASE + 0x1000 + i % 7 * 8, BASE + 0x2000);
	roots_add(&roots, &roots.program, BASE + 0x1800, BASE + 0x3000);
	roots_add(&roots, &roots.program, BASE + 0x3800, BASE + 0x3808); /* apart */
	roots_add(&roots, &roots.program, BASE + 0x1800, BASE + 0x1900); /* inside */
	assert_int_equal(scan(&roots, &counts), REACH_REACHABLE);
	assert_int_equal(counts.root_bytes, 0x2000 + 8);
	assert_int_equal(roots.program.count, 2);
}

static void memory_that_is_apart_is_not_scanned(void **state)
{
	struct roots roots = {.view = &view};
	struct reach_counts counts;

	(void)state;
	memory[0x2000 / 8] = BLOCK;
	roots_add(&roots, &roots.program, BASE + 0x2008, BASE + 0x3000);
	roots_add(&roots, &roots.program, BASE + 0x1000, BASE + 0x2000);
	assert_int_equal(scan(&roots, &counts), REACH_DEFINITE);
	assert_int_equal(counts.root_bytes, 0x1000 + 0xff8);
}

/* A heap of another arena, whose pointers are its own, before 2^46 bytes that nobody has. */
static void a_reservation_is_asked_about_as_far_as_it_is_held(void **state)
{
	const struct map map = {.start = BASE,
		.end = BASE + (1ull << 46),
		.held_end = BASE + BYTES,
		.sort = SORT_ANON,
		.readable = true,
		.writable = true};
	struct roots roots = {.view = &view, .maps = &map, .map_count = 1};
	struct reach_counts counts;

	(void)state;
	memory[0] = BASE + 0x20;
	memory[2] = memory[3] = 0x2000;
	memory[0x1000 / 8] = BLOCK;
	assert_int_equal(scan(&roots, &counts), REACH_DEFINITE);
	assert_int_equal(roots.skipped.count, 1);
	assert_true(asked < 100);
	memory[0x2000 / 8] = BLOCK; /* behind the heap */
	roots = (struct roots){.view = &view, .maps = &map, .map_count = 1};
	assert_int_equal(scan(&roots, &counts), REACH_REACHABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(memory_named_often_is_scanned_once, setup, teardown),
		cmocka_unit_test_setup_teardown(memory_that_is_apart_is_not_scanned, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_reservation_is_asked_about_as_far_as_it_is_held, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
