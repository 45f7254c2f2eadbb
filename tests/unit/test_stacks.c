/* Stacks are stored once and come back frame by frame, also when threads store them together. */
#include "tests/unit/tables.h"
#include <pthread.h>

#include "preload/stacks.h"
#include "preload/steps.h"

static struct image_node *nodes[NODE_MAX / NODES_PER_CHUNK + 1];

/* Reads the tree as the analyzer does: from the image alone. */
static void read_tree(void)
{
	for (uint64_t at = IMAGE_FIRST_CHUNK; at < image->used_bytes;) {
		struct chunk_header *chunk = (struct chunk_header *)((char *)image + at);

		if (chunk->magic != (CHUNK_MAGIC ^ at)) {
			at += IMAGE_PAGE;
			continue;
		}
		if (chunk->type == CHUNK_NODES)
			nodes[chunk->first / NODES_PER_CHUNK] =
				(struct image_node *)((char *)chunk + chunk->data);
		at += chunk->size;
	}
}

static void expect_stack(uint32_t number, const struct trace *t, unsigned family)
{
	read_tree();
	assert_true(number != 0);
	for (uint32_t i = 0; i <= t->count; i++) {
		const struct image_node *node = &nodes[number / NODES_PER_CHUNK][number % NODES_PER_CHUNK];

		assert_int_equal(node->ip, i == 0 ? family : t->frames[i - 1] & ~STEP_KEY_EXACT);
		assert_true(node->parent < number);
		number = node->parent;
	}
	assert_int_equal(number, 0);
}

static int start(void **state)
{
	(void)state;
	memset(nodes, 0, sizeof(nodes));
	tables_start();
	return stacks_start() ? 0 : -1;
}

static struct trace trace_of(uint64_t *frames, uint32_t count)
{
	return (struct trace){.frames = frames, .capacity = count, .count = count};
}

static void equal_stacks_have_one_number(void **state)
{
	uint64_t frames[] = {0x1000, 0x2000, 0x3000};
	struct trace t = trace_of(frames, 3);
	uint32_t number = stacks_intern(&t, FAMILY_MALLOC);

	(void)state;
	assert_int_equal(stacks_intern(&t, FAMILY_MALLOC), number);
	expect_stack(number, &t, FAMILY_MALLOC);
}

static void the_family_and_the_order_count(void **state)
{
	uint64_t frames[] = {0x1000, 0x2000}, turned[] = {0x2000, 0x1000};
	struct trace t = trace_of(frames, 2), other = trace_of(turned, 2);
	uint32_t number = stacks_intern(&t, FAMILY_MALLOC);

	(void)state;
	assert_int_not_equal(stacks_intern(&t, FAMILY_CALLOC), number);
	assert_int_not_equal(stacks_intern(&other, FAMILY_MALLOC), number);
	assert_true(stacks_hash(&t) != stacks_hash(&other));
}

static void recursion_shares_its_frames(void **state)
{
	static uint64_t frames[20000];
	struct trace t = trace_of(frames, 20000);
	uint64_t before;

	(void)state;
	for (size_t i = 0; i < 20000; i++)
		frames[i] = 0x4000;
	expect_stack(stacks_intern(&t, FAMILY_MALLOC), &t, FAMILY_MALLOC);
	before = image->used_bytes;
	/* Every depth of the same recursion: one leaf each, no new frame. */
	for (uint32_t depth = 19000; depth < 20000; depth++) {
		t.count = depth;
		assert_true(stacks_intern(&t, FAMILY_MALLOC) != 0);
	}
	assert_true(image->used_bytes - before <= (1000 / NODES_PER_CHUNK + 2) * IMAGE_PAGE);
}

static void marks_of_a_stack_are_kept(void **state)
{
	uint64_t frames[] = {0x1000 | STEP_KEY_EXACT, 0x2000};
	struct trace t = trace_of(frames, 2);
	uint32_t number;

	(void)state;
	t.flags = NODE_PARTIAL;
	number = stacks_intern(&t, FAMILY_MALLOC);
	expect_stack(number, &t, FAMILY_MALLOC);
	number = nodes[0][number].parent; /* few nodes: all in the first chunk */
	assert_int_equal(nodes[0][number].flags, NODE_EXACT_IP);
	number = nodes[0][number].parent;
	assert_int_equal(nodes[0][number].flags, NODE_PARTIAL);
}

#define THREADS 4
#define STACKS 5000
#define DEPTH 12

static uint32_t numbers[THREADS][STACKS];

static void make_stack(uint64_t i, uint64_t frames[DEPTH])
{
	uint64_t seed = i + 1;

	for (int d = 0; d < DEPTH; d++)
		frames[d] = 0x10000 + tables_random(&seed) % (1 << (16 - d));
}

static void *intern_all(void *argument)
{
	uint64_t frames[DEPTH];
	struct trace t = trace_of(frames, DEPTH);

	for (uint64_t i = 0; i < STACKS; i++) {
		make_stack(i, frames);
		numbers[(uintptr_t)argument][i] = stacks_intern(&t, FAMILY_MALLOC);
	}
	return NULL;
}

static void threads_store_the_same_stacks(void **state)
{
	pthread_t threads[THREADS];
	uint64_t frames[DEPTH];
	struct trace t = trace_of(frames, DEPTH);

	(void)state;
	for (uintptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, intern_all, (void *)i);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int thread = 0; thread < THREADS; thread++) {
		for (uint64_t i = 0; i < STACKS; i++) {
			make_stack(i, frames);
			expect_stack(numbers[thread][i], &t, FAMILY_MALLOC);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(equal_stacks_have_one_number, start),
		cmocka_unit_test_setup(the_family_and_the_order_count, start),
		cmocka_unit_test_setup(recursion_shares_its_frames, start),
		cmocka_unit_test_setup(marks_of_a_stack_are_kept, start),
		cmocka_unit_test_setup(threads_store_the_same_stacks, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
