/* The scan for lost blocks against a plain implementation of its rules, in random memories, also when
 * memory to work in is short. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <malloc.h>
#include <stdbool.h>

#include "tests/unit/parts/reach_plain.h"

static struct reach *reach;
static uint32_t flags;

/* The blocks of the memory, in the order of addresses. */
static struct given made[PLAIN_MOST];
static unsigned made_count;

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
	const struct given *given = &made[random_below(made_count)];

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
	made_count = 0;
	heap_end = HEAP + (1 << 24) + (1 << 23);
	while (made_count < blocks) {
		uint64_t size = random_below(most_size + 1);

		if (random_below(400) == 0)
			size = random_below(3 << 20);
		if (gap && random_below(10) == 0)
			at += random_below(gap == 1 ? 1000 : 100000);
		at += -at & (align - 1);
		if (at + size + 1 >= heap_end)
			break;
		made[made_count++] = (struct given){at, size};
		at += size ? size : 1;
	}
	if (!made_count)
		made[made_count++] = (struct given){HEAP + 1, 30};
	/* The heap has a hole that cannot be read. */
	world_map(HEAP, (1 << 24) - 4096, 0);
	world_map(HEAP + (1 << 24), 1 << 23, 0);
	world_map_program();
	for (unsigned i = 0; i < 512; i++) {
		if (random_below(3))
			world_put(TABLES + 8 * i, TEXT + random_below(4096 + 20));
	}
	for (uint64_t i = 0; i < links; i++) {
		const struct given *given = &made[random_below(made_count)];
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
				world_put(where, word);
	}
	links = random_below(random_below(2) ? 4 : 20);
	for (uint64_t i = 0; i < links; i++)
		world_put(ROOTS + random_below(512) * 8, random_pointer());
	world.at_once = random_below(8) ? 0 : 1 + random_below(40);
}

static bool compare(void *context, const struct reach_block *block)
{
	unsigned *i = context;
	const struct plain_block *plain = plain_block(*i);

	assert_int_equal(block->address, plain->given.address);
	assert_int_equal(block->size, plain->given.size);
	assert_int_equal(block->site, *i + 1);
	assert_int_equal(block->class, plain->class);
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
	uint64_t word = world_word(step->word);

	assert_false(chain->end);
	assert_true(++chain->steps <= plain_count());
	if (!step->at_hand) {
		hit = plain_find(word);
		if (hit != target && (flags & REACH_TAGS))
			hit = plain_find(word & ~(uint64_t)7);
		assert_int_equal(hit, target);
	}
	if (owned >= 0 && !plain_block((unsigned)owned)->given.size)
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
	for (unsigned i = 0; i < plain_count(); i++) {
		const struct plain_block *plain = plain_block(i);
		struct chain chain = {plain->given.address, plain->class, 0, false};
		bool noted = reach_path(reach, chain.target, follow_chain, &chain);

		assert_int_equal(noted, (flags & REACH_PATHS) && plain->class != REACH_DEFINITE);
		if (!noted)
			continue;
		if (chain.class == REACH_DEFINITE)
			assert_int_equal(plain_find(chain.target), plain_leader(i));
		else
			assert_true(chain.end);
	}
	assert_false(reach_path(reach, plain_block(0)->given.address - 1, follow_chain, NULL));
}

/* Adds what there is memory for; the plain one is told of the same. False when not even a scan can
 * begin. */
static bool begin_random(bool starved)
{
	if (starved)
		world.most = 16000; /* every piece is as large as it has to be */
	reach = reach_begin(&world_view, flags);
	if (!reach)
		return false;
	plain_begin(flags);
	for (unsigned i = 0; i < made_count; i++) {
		if (reach_add(reach, made[i].address, made[i].size, plain_count() + 1))
			plain_add(made[i]);
	}
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
	plain_from(ROOTS, ROOTS + 4096);
	if (random_below(2)) {
		reach_from(reach, roots, roots_end);
		plain_from(roots, roots_end);
		reach_from_words(reach, &at_hand, 1);
		plain_from_word(at_hand);
	}
	reach_finish(reach);
	plain_finish();
	reach_each(reach, compare, &count);
	assert_int_equal(count, plain_count());
	if (count)
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
		world_map(HEAP, PLAIN_MOST * 64, 0);
		world_map(ROOTS, 4096, 0);
		for (made_count = 0; made_count < PLAIN_MOST; made_count++)
			made[made_count] =
				(struct given){HEAP + made_count * 64ull, 8 + random_below(50)};
		for (unsigned k = 0; k < (i == 1 ? 1 : 4) * PLAIN_MOST; k++)
			world_put(HEAP + random_below(PLAIN_MOST * 8ull) * 8, random_pointer());
		if (i != 2)
			world_put(ROOTS, made[made_count / 2].address);
		compare_random(false);
		world_end();
	}
}
int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_memories),
		cmocka_unit_test(short_of_memory),
		cmocka_unit_test(any_allocation_may_fail),
		cmocka_unit_test(many_blocks),
	};

	/* Large worlds are made of pages that are zero already. */
	mallopt(M_MMAP_THRESHOLD, 1 << 20);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
