/* The live index gives back what was put in, for every size, alignment and neighbourhood. */
#include "tests/unit/tables.h"
#include <pthread.h>
#include <stdatomic.h>

#define SITE 77u

/* As an event does. */
static bool insert(uintptr_t address, uint64_t size, uint64_t moment, uint64_t *ret_old)
{
	return live_put(live_find(SPACE_HEAP, address), address, SITE, size, moment << SLOT_MOMENT_SHIFT,
		ret_old);
}

static void put(uintptr_t address, uint64_t size)
{
	uint64_t old;

	assert_true(insert(address, size, 5, &old));
	assert_int_equal(old, 0);
}

static void expect(uintptr_t address, uint64_t size)
{
	struct live_block block;

	live_take(SPACE_HEAP, address, &block);
	assert_true(block.slot != 0);
	assert_int_equal(block.site, SITE);
	assert_int_equal(block.size, size);
	live_take(SPACE_HEAP, address, &block);
	assert_int_equal(block.slot, 0);
}

static int start_wide(void **state)
{
	(void)state;
	tables_start();
	live_start(5);
	return 0;
}

static int start_narrow(void **state)
{
	(void)state;
	tables_start();
	live_start(4);
	return 0;
}

static void sizes_come_back(void **state)
{
	static const uint64_t sizes[] = {0, 1, 24, 510, 511, 512, 4096, 1 << 20, 1ull << 40,
		SLOT_BIG_SIZE_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		put(0x550000000010, sizes[i]);
		expect(0x550000000010, sizes[i]);
	}
}

static void a_size_may_lie_in_the_next_leaf(void **state)
{
	/* The last granule of a 16 KiB leaf. */
	(void)state;
	put(0x550000003ff0, 100000);
	expect(0x550000003ff0, 100000);
}

static void sizes_beyond_the_record_are_counted(void **state)
{
	(void)state;
	put(0x550000000010, SLOT_BIG_SIZE_MAX + 1);
	expect(0x550000000010, SLOT_BIG_SIZE_MAX);
	assert_int_equal(image->lost[LOST_SIZE_OVERFLOWS], 1);
}

static void neighbours_do_not_touch(void **state)
{
	(void)state;
	for (uintptr_t at = 0x560000000010; at < 0x560000001010; at += 32)
		put(at, at & 0x1ff);
	for (uintptr_t at = 0x560000000010; at < 0x560000001010; at += 32)
		expect(at, at & 0x1ff);
}

static void an_address_inside_a_block_is_unknown(void **state)
{
	struct live_block block;

	(void)state;
	put(0x550000000010, 5000);
	live_take(SPACE_HEAP, 0x550000000000, &block);
	assert_int_equal(block.slot, 0);
	live_take(SPACE_HEAP, 0x550000000030, &block); /* its size's slot */
	assert_int_equal(block.slot, 0);
	live_take(SPACE_HEAP, 0xffff800000000010, &block); /* not a user address */
	assert_int_equal(block.slot, 0);
	expect(0x550000000010, 5000);
}

static void a_failed_realloc_restores(void **state)
{
	struct live_block block;

	(void)state;
	put(0x550000000010, 5000);
	live_take(SPACE_HEAP, 0x550000000010, &block);
	live_restore(SPACE_HEAP, 0x550000000010, &block);
	expect(0x550000000010, 5000);
}

static void a_missed_free_is_seen(void **state)
{
	uint64_t old;

	(void)state;
	put(0x550000000010, 24);
	assert_true(insert(0x550000000010, 30, 6, &old));
	assert_int_not_equal(old, 0);
	expect(0x550000000010, 30);
}

static void ignoring_changes_the_site_alone(void **state)
{
	struct live_block block;

	(void)state;
	put(0x550000000010, 300);
	live_ignore(SPACE_HEAP, 0x550000000010, 1);
	live_take(SPACE_HEAP, 0x550000000010, &block);
	assert_int_equal(block.site, 1);
	assert_int_equal(block.size, 300);
}

static void blocks_of_eight_bytes_are_told_apart(void **state)
{
	(void)state;
	for (uintptr_t at = 0x570000000000; at < 0x570000000400; at += 8)
		put(at, at / 8 % 9);
	for (uintptr_t at = 0x570000000000; at < 0x570000000400; at += 8)
		expect(at, at / 8 % 9);
}

/* Blocks go from thread to thread; each is taken by the one that holds it. */
#define THREADS 4
#define HANDS 256
static _Atomic uintptr_t hands[HANDS];
static _Atomic uint64_t made, taken;

static void *pass_blocks(void *argument)
{
	uintptr_t base = 0x580000000010 + ((uintptr_t)argument << 28);
	uint64_t seed = (uintptr_t)argument + 1, old;
	struct live_block block;

	for (int i = 0; i < 50000; i++) {
		uintptr_t mine = base + (uintptr_t)i * 512;

		if (!insert(mine, mine & 0x3fff, 1, &old) || old)
			abort();
		atomic_fetch_add(&made, 1);
		mine = atomic_exchange(&hands[tables_random(&seed) % HANDS], mine);
		if (!mine)
			continue;
		live_take(SPACE_HEAP, mine, &block);
		if (!block.slot || block.size != (mine & 0x3fff))
			abort();
		atomic_fetch_add(&taken, 1);
	}
	return NULL;
}

static void threads_hand_blocks_to_each_other(void **state)
{
	pthread_t threads[THREADS];
	uint64_t left = 0;

	(void)state;
	for (uintptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, pass_blocks, (void *)i);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < HANDS; i++) {
		if (hands[i]) {
			expect(hands[i], hands[i] & 0x3fff);
			left++;
		}
	}
	assert_int_equal(atomic_load(&made), atomic_load(&taken) + left);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(sizes_come_back, start_wide),
		cmocka_unit_test_setup(a_size_may_lie_in_the_next_leaf, start_wide),
		cmocka_unit_test_setup(sizes_beyond_the_record_are_counted, start_wide),
		cmocka_unit_test_setup(neighbours_do_not_touch, start_wide),
		cmocka_unit_test_setup(an_address_inside_a_block_is_unknown, start_wide),
		cmocka_unit_test_setup(a_failed_realloc_restores, start_wide),
		cmocka_unit_test_setup(a_missed_free_is_seen, start_wide),
		cmocka_unit_test_setup(ignoring_changes_the_site_alone, start_wide),
		cmocka_unit_test_setup(blocks_of_eight_bytes_are_told_apart, start_narrow),
		cmocka_unit_test_setup(threads_hand_blocks_to_each_other, start_wide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
