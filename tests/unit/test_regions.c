/* The region map follows the kernel's rules: a page-by-page model agrees after every step. */
#include "tests/unit/tables.h"
#include <pthread.h>

#include "preload/process.h"
#include "preload/regions.h"

#define BASE 0x7f0000000000ull
#define PAGES 256
#define PAGE process_page()

/* A munmap that succeeds. */
static void unmap(uintptr_t start, size_t size)
{
	regions_discard(regions_detach(start, size));
}

static uint32_t model[PAGES]; /* site that mapped each page, 0: nobody */

static int start(void **state)
{
	(void)state;
	memset(model, 0, sizeof(model));
	tables_start();
	return regions_start() ? 0 : -1;
}

/* Paints the pages that the image's rows claim; fails where two rows claim one. */
static void read_rows(uint32_t painted[PAGES])
{
	memset(painted, 0, PAGES * sizeof(*painted));
	for (uint64_t at = IMAGE_FIRST_CHUNK; at < image->used_bytes;) {
		struct chunk_header *chunk = (struct chunk_header *)((char *)image + at);
		struct image_region *row = (struct image_region *)((char *)chunk + chunk->data);

		assert_true(chunk->magic == (CHUNK_MAGIC ^ at));
		for (uint64_t i = 0; chunk->type == CHUNK_REGIONS && i < chunk->rows; i++) {
			if (row[i].state == REGION_FREE)
				continue;
			assert_true(row[i].start < row[i].end);
			for (uint64_t page = row[i].start; page < row[i].end; page += PAGE) {
				uint64_t n = (page - BASE) / PAGE;

				assert_true(n < PAGES);
				assert_int_equal(painted[n], 0);
				painted[n] = row[i].site;
			}
		}
		at += chunk->size;
	}
}

static void expect_model(void)
{
	uint32_t painted[PAGES];

	read_rows(painted);
	for (int i = 0; i < PAGES; i++)
		assert_int_equal(painted[i], model[i]);
}

static void paint(uint64_t from, uint64_t count, uint32_t site)
{
	for (uint64_t i = from; i < from + count && i < PAGES; i++)
		model[i] = site;
}

static void random_operations_match_the_model(void **state)
{
	uint64_t seed = 42;

	(void)state;
	for (uint32_t i = 1; i <= 4000; i++) {
		uint64_t from = tables_random(&seed) % PAGES;
		uint64_t count = 1 + tables_random(&seed) % 16;
		uint32_t token, before[PAGES];

		if (from + count > PAGES)
			count = PAGES - from;
		switch (tables_random(&seed) % 4) {
		case 0:
		case 1: /* mmap, also over others */
			regions_add(REGION_MMAP, BASE + from * PAGE, count * PAGE - 5, i, 0, 0);
			paint(from, count, i);
			break;
		case 2: /* munmap */
			unmap(BASE + from * PAGE, count * PAGE);
			paint(from, count, 0);
			break;
		case 3: /* mremap that fails, or succeeds */
			memcpy(before, model, sizeof(model));
			token = regions_detach(BASE + from * PAGE, count * PAGE);
			paint(from, count, 0);
			expect_model();
			if (i % 2) {
				regions_restore(token);
				memcpy(model, before, sizeof(model));
			} else {
				regions_discard(token);
			}
			break;
		}
		expect_model();
	}
	assert_int_equal(image->lost[LOST_DROPPED_REGIONS], 0);
}

static void a_break_grows_as_one_region(void **state)
{
	uint32_t painted[PAGES];

	(void)state;
	regions_add(REGION_BRK, BASE, 2 * PAGE, 9, 0, 0);
	regions_add(REGION_BRK, BASE + 2 * PAGE, PAGE, 9, 0, 0);
	paint(0, 3, 9);
	read_rows(painted);
	assert_int_equal(painted[2], 9);
	unmap(BASE + PAGE, 2 * PAGE);
	paint(1, 2, 0);
	expect_model();
}

static void a_segment_is_found_by_its_start(void **state)
{
	(void)state;
	regions_add(REGION_SHM, BASE, PAGE + 900, 3, 0, 0);
	assert_int_equal(regions_size_at(BASE), 2 * PAGE);
	assert_int_equal(regions_size_at(BASE + PAGE), 0);
}

#define THREADS 4

static void *map_own_pages(void *argument)
{
	uint64_t first = (uintptr_t)argument * (PAGES / THREADS);

	for (int i = 0; i < 20000; i++) {
		uint64_t at = BASE + (first + (uint64_t)i % (PAGES / THREADS)) * PAGE;

		unmap(at, PAGE);
		regions_add(REGION_MMAP, at, PAGE, (uint32_t)(uintptr_t)argument + 1, 0, 0);
	}
	return NULL;
}

static void threads_map_at_once(void **state)
{
	pthread_t threads[THREADS];

	(void)state;
	for (uintptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, map_own_pages, (void *)i);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	if (image->lost[LOST_DROPPED_REGIONS]) /* the queue may fill, but never silently */
		return;
	for (uint64_t i = 0; i < PAGES; i++)
		model[i] = (uint32_t)(i / (PAGES / THREADS)) + 1;
	expect_model();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(random_operations_match_the_model, start),
		cmocka_unit_test_setup(a_break_grows_as_one_region, start),
		cmocka_unit_test_setup(a_segment_is_found_by_its_start, start),
		cmocka_unit_test_setup(threads_map_at_once, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
