/* The loader gives each block the class that the latest check has of it, also from damaged rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "analyzer/load_image.h"
#include "analyzer/merge_sites.h"
#include "preload/image_format.h"

#define SHIFT 5u
#define BASE 0x550000000000ull /* of the leaf that most blocks are in */
#define SPAN ((uint64_t)LEAF_SLOTS << SHIFT)
#define MALLOC_SITE 2u /* its stack is node 1 */
#define NEW_SITE 4u    /* its stack is node 3 */
#define IGNORED_SITE 5u
#define NODES 6u
#define CHECK_MOMENT 100u
#define BEFORE 50u

/* An image, chunk by chunk, in memory. */
static struct {
	_Alignas(4096) uint8_t bytes[256 * 1024];
	uint64_t used;
} built;
static struct image_header *const header = (void *)built.bytes;
static char path[] = "/tmp/leak-unit.classes.XXXXXX";
static struct model model;

static void *add_chunk(uint32_t type, uint32_t owner, uint64_t rows, size_t row_size, uint64_t data)
{
	struct chunk_header *chunk = (void *)(built.bytes + built.used);
	uint64_t size = (data + rows * row_size + IMAGE_PAGE - 1) / IMAGE_PAGE * IMAGE_PAGE;

	assert_true(built.used + size <= sizeof(built.bytes));
	*chunk = (struct chunk_header){.magic = CHUNK_MAGIC ^ built.used,
		.offset = built.used,
		.size = size,
		.type = type,
		.owner = owner,
		.rows = rows,
		.data = data};
	built.used += size;
	header->used_bytes = header->opened_bytes = built.used;
	return (uint8_t *)chunk + data;
}

static void *add_rows(uint32_t type, uint32_t owner, uint64_t rows, size_t row_size)
{
	return add_chunk(type, owner, rows, row_size, sizeof(struct chunk_header));
}

/* A leaf with no block yet. */
static uint64_t *add_leaf(uint32_t space, uint64_t base)
{
	uint64_t *slots = add_chunk(CHUNK_LEAVES, space, 1, LEAF_BYTES, IMAGE_PAGE);

	*(uint64_t *)((uint8_t *)slots - IMAGE_PAGE + sizeof(struct chunk_header)) = base;
	return slots;
}

static uint64_t slot_of(uint32_t site, uint64_t size, uint64_t moment)
{
	return site | size << SLOT_SIZE_SHIFT | moment << SLOT_MOMENT_SHIFT;
}

static struct image_check *add_check(uint32_t number, enum check_state state)
{
	struct image_check *check = add_rows(CHUNK_CHECKS, 0, 1, sizeof(*check));

	*check = (struct image_check){
		.state = state, .number = number, .trigger = CHECK_AT_END, .moment = CHECK_MOMENT};
	return check;
}

static struct image_leaf_classes *add_classes(uint32_t check, uint64_t rows)
{
	return add_rows(CHUNK_CLASSES, check, rows, sizeof(struct image_leaf_classes));
}

static void set_class(struct image_leaf_classes *row, unsigned slot, unsigned class)
{
	row->nibbles[slot / 2] |= (uint8_t)(class << slot % 2 * 4);
}

static int start(void **state)
{
	(void)state;
	memset(&built, 0, sizeof(built));
	built.used = IMAGE_FIRST_CHUNK;
	*header = (struct image_header){.magic = IMAGE_MAGIC,
		.version = IMAGE_VERSION,
		.endian = IMAGE_ENDIAN_MARK,
		.header_size = sizeof(*header),
		.pid = 4711,
		.state = IMAGE_CLEAN,
		.start_monotonic_ns = 1,
		.end_monotonic_ns = 1 + (1000ull << 24),
		.granule_shift = SHIFT,
		.clock_shift = 24,
		.exe = "/bin/true"};
	struct image_node *nodes = add_rows(CHUNK_NODES, 0, NODES, sizeof(*nodes));
	nodes[1] = (struct image_node){.ip = 0x1000};
	nodes[MALLOC_SITE] = (struct image_node){.ip = FAMILY_MALLOC, .parent = 1};
	nodes[3] = (struct image_node){.ip = 0x2000};
	nodes[NEW_SITE] = (struct image_node){.ip = FAMILY_NEW, .parent = 3};
	nodes[IGNORED_SITE] = (struct image_node){.ip = FAMILY_IGNORED, .parent = 1};
	model_init(&model);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	model_free(&model);
	unlink(path);
	return 0;
}

static void load_with(const struct load_options *options, size_t bytes)
{
	struct error error;

	strcpy(path + strlen(path) - 6, "XXXXXX");
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, built.bytes, bytes), bytes);
	close(fd);
	assert_int_equal(load_image(&model, path, options, &error), 0);
	assert_int_equal(model.process_count, 1);
}

static void load(void)
{
	load_with(&(struct load_options){0}, built.used);
}

static void expect_class(enum site_class class, uint64_t bytes, uint64_t blocks)
{
	assert_int_equal(model.processes[0].classes[class].bytes, bytes);
	assert_int_equal(model.processes[0].classes[class].blocks, blocks);
}

/* The classes are all there is. */
static void expect_sums(void)
{
	const struct process *process = &model.processes[0];
	struct amount sum = {0}, sites = {0};

	for (size_t i = 0; i < CLASS_COUNT; i++) {
		sum.bytes += process->classes[i].bytes;
		sum.blocks += process->classes[i].blocks;
	}
	assert_int_equal(sum.bytes, process->live.bytes);
	assert_int_equal(sum.blocks, process->live.blocks);
	for (size_t i = 0; i < model.site_count; i++) {
		sites.bytes += model.sites[i].live.bytes;
		sites.blocks += model.sites[i].live.blocks;
	}
	assert_true(sites.bytes <= sum.bytes && sites.blocks <= sum.blocks);
}

static const struct site *find(const char *allocator, enum site_class class)
{
	for (size_t i = 0; i < model.site_count; i++)
		if (model.sites[i].class == class &&
			strcmp(model.sites[i].allocator, allocator) == 0)
			return &model.sites[i];
	return NULL;
}

static void expect_site(
	const char *allocator, enum site_class class, uint64_t bytes, uint64_t blocks)
{
	const struct site *site = find(allocator, class);

	assert_non_null(site);
	assert_int_equal(site->live.bytes, bytes);
	assert_int_equal(site->live.blocks, blocks);
}

static void each_block_has_its_class(void **state)
{
	uint64_t *slots = add_leaf(SPACE_HEAP, BASE);

	(void)state;
	for (unsigned class = 0; class < 16; class++)
		slots[10 + class] = slot_of(MALLOC_SITE, 1 + class, BEFORE + class);
	slots[40] = slot_of(MALLOC_SITE, 100, CHECK_MOMENT - 1);
	slots[41] = slot_of(MALLOC_SITE, 200, CHECK_MOMENT);
	slots[42] = slot_of(IGNORED_SITE, 300, BEFORE);
	slots[43] = slot_of(NEW_SITE, 400, BEFORE);
	add_check(1, CHECK_DONE)->pause_ns = 7;
	struct image_leaf_classes *row = add_classes(1, 1);
	*row = (struct image_leaf_classes){.base = BASE, .space = SPACE_HEAP};
	for (unsigned class = 0; class < 16; class++)
		set_class(row, 10 + class, class);
	for (unsigned slot = 40; slot < 44; slot++)
		set_class(row, slot, BLOCK_DEFINITE);
	load();
	expect_site("malloc", CLASS_REACHABLE, 2, 1);
	expect_site("malloc", CLASS_POSSIBLE, 3, 1);
	expect_site("malloc", CLASS_INDIRECT, 4, 1);
	expect_site("malloc", CLASS_DEFINITE, 5 + 100, 2);
	expect_site("malloc", CLASS_UNKNOWN, 200 + 1 + 6 + 7 + 8 + 9 + 10 + 11 + 12 + 13 + 14 + 15 + 16,
		13);
	expect_site("operator new", CLASS_DEFINITE, 400, 1);
	expect_site("ignored", CLASS_SUPPRESSED, 300, 1);
	expect_class(CLASS_DEFINITE, 505, 3);
	expect_sums();
	const struct check *check = model.processes[0].check;
	assert_true(check->done);
	assert_null(check->failure);
	assert_string_equal(check->trigger, "end");
	assert_int_equal(check->pause_ns, 7);
	assert_int_equal(check->newer.bytes, 200);
	assert_int_equal(check->newer.blocks, 1);
}

/* --older leaves out blocks of sites, each class for itself; the totals are of all. */
static void young_blocks_are_left_out_by_class(void **state)
{
	uint64_t *slots = add_leaf(SPACE_HEAP, BASE);

	(void)state;
	slots[0] = slot_of(MALLOC_SITE, 8, 10);
	slots[1] = slot_of(MALLOC_SITE, 16, 90);
	slots[2] = slot_of(MALLOC_SITE, 32, 10);
	add_check(1, CHECK_DONE);
	struct image_leaf_classes *row = add_classes(1, 1);
	*row = (struct image_leaf_classes){.base = BASE, .space = SPACE_HEAP};
	set_class(row, 0, BLOCK_REACHABLE);
	set_class(row, 1, BLOCK_DEFINITE);
	set_class(row, 2, BLOCK_DEFINITE);
	load_with(&(struct load_options){.older_ns = 950ull << 24}, built.used);
	expect_site("malloc", CLASS_DEFINITE, 32, 1);
	expect_site("malloc", CLASS_REACHABLE, 8, 1);
	expect_class(CLASS_DEFINITE, 48, 2);
	expect_sums();
}

static void leaves_and_spaces_are_told_apart(void **state)
{
	uint64_t *slots = add_leaf(SPACE_HEAP, BASE);
	uint64_t *odd = add_leaf(SPACE_HEAP_ODD, BASE);
	uint64_t *next = add_leaf(SPACE_HEAP, BASE + SPAN);
	uint64_t *pool = add_leaf(SPACE_CUSTOM, BASE);

	(void)state;
	slots[LEAF_SLOTS - 1] = slot_of(MALLOC_SITE, SLOT_SIZE_ESCAPE, BEFORE);
	next[0] = SLOT_OF_BIG_SIZE(5000ull);
	next[8] = slot_of(MALLOC_SITE, 2, BEFORE) | SLOT_HALF;
	odd[8] = slot_of(MALLOC_SITE, 3, BEFORE) | SLOT_HALF;
	pool[9] = slot_of(MALLOC_SITE, 4, BEFORE);
	add_check(1, CHECK_DONE);
	struct image_leaf_classes *rows = add_classes(1, 3);
	rows[0] = (struct image_leaf_classes){.base = BASE + SPAN, .space = SPACE_HEAP};
	rows[1] = (struct image_leaf_classes){.base = BASE, .space = SPACE_HEAP_ODD};
	rows[2] = (struct image_leaf_classes){.base = BASE, .space = SPACE_HEAP};
	set_class(&rows[0], 8, BLOCK_REACHABLE);
	set_class(&rows[1], 8, BLOCK_POSSIBLE);
	set_class(&rows[2], LEAF_SLOTS - 1, BLOCK_DEFINITE);
	load();
	expect_class(CLASS_DEFINITE, 5000, 1);
	expect_class(CLASS_REACHABLE, 2, 1);
	expect_class(CLASS_POSSIBLE, 3, 1);
	expect_class(CLASS_UNKNOWN, 4, 1); /* its leaf has no row */
	expect_sums();
}

/* Of several checks the latest that is done counts, and only its own rows. */
static void the_latest_check_that_is_done_counts(void **state)
{
	uint64_t *slots = add_leaf(SPACE_HEAP, BASE);

	(void)state;
	slots[0] = slot_of(MALLOC_SITE, 8, BEFORE);
	add_check(3, CHECK_FAILED)->failure = CHECK_NO_STOP;
	add_check(2, CHECK_DONE)->trigger = CHECK_ON_REQUEST;
	add_check(1, CHECK_DONE);
	for (unsigned number = 1; number <= 3; number++) {
		struct image_leaf_classes *row = add_classes(number, 1);
		*row = (struct image_leaf_classes){.base = BASE};
		set_class(row, 0, number); /* 2: possibly lost */
	}
	load();
	expect_class(CLASS_POSSIBLE, 8, 1);
	assert_string_equal(model.processes[0].check->trigger, "request");
	assert_string_equal(model.processes[0].check->failure, "the threads could not be stopped (or found: is /proc there?)");
}

static void without_a_check_nothing_is_known(void **state)
{
	(void)state;
	add_leaf(SPACE_HEAP, BASE)[0] = slot_of(MALLOC_SITE, 8, BEFORE);
	load();
	assert_null(model.processes[0].check);
	assert_false(model_is_classified(&model));
	expect_class(CLASS_UNKNOWN, 8, 1);
}

static void a_check_without_rows_is_none(void **state)
{
	(void)state;
	add_leaf(SPACE_HEAP, BASE)[0] = slot_of(MALLOC_SITE, 8, BEFORE);
	add_check(1, CHECK_DONE);
	load();
	assert_false(model_is_classified(&model));
	assert_string_equal(
		model.processes[0].check->failure, "its results are missing in the image");
	expect_class(CLASS_UNKNOWN, 8, 1);
}

/* A check that stands in the image, but nobody wants to know. */
static void classes_may_be_left_alone(void **state)
{
	(void)state;
	add_leaf(SPACE_HEAP, BASE)[0] = slot_of(MALLOC_SITE, 8, BEFORE);
	add_check(1, CHECK_DONE);
	struct image_leaf_classes *row = add_classes(1, 1);
	*row = (struct image_leaf_classes){.base = BASE};
	set_class(row, 0, BLOCK_DEFINITE);
	load_with(&(struct load_options){.no_classes = true}, built.used);
	assert_null(model.processes[0].check);
	expect_class(CLASS_UNKNOWN, 8, 1);
	expect_sums();
}

static void damaged_rows_are_left_out(void **state)
{
	uint64_t *slots = add_leaf(SPACE_HEAP, BASE);
	uint64_t *crooked = add_leaf(SPACE_HEAP, BASE + 5 * SPAN + 24);
	uint64_t *nowhere = add_leaf(0xffffffff, BASE + 9 * SPAN);

	(void)state;
	slots[7] = slot_of(MALLOC_SITE, 8, BEFORE);
	slots[8] = slot_of(NODES + 1000, 9, BEFORE); /* no such site: of any class */
	slots[9] = slot_of(NODES + 2000, 9, BEFORE);
	crooked[LEAF_SLOTS - 1] = slot_of(MALLOC_SITE, 16, BEFORE);
	nowhere[0] = slot_of(MALLOC_SITE, 32, BEFORE);
	struct image_check *check = add_check(1, CHECK_DONE);
	check->moment = UINT64_MAX;
	check->monotonic_ns = UINT64_MAX;
	check->trigger = check->failure = check->left_out = check->heuristics = UINT32_MAX;
	add_check(0, CHECK_DONE);
	add_check(2, (enum check_state)77);
	struct image_leaf_classes *rows = add_classes(1, 8);
	memset(rows, 0xff, 8 * sizeof(*rows));
	rows[0].base = 0;
	rows[1].base = BASE + 8;
	rows[1].space = SPACE_HEAP;
	rows[2].base = BASE;
	rows[3] = (struct image_leaf_classes){.base = BASE, .space = SPACE_HEAP};
	set_class(&rows[3], 7, BLOCK_POSSIBLE);
	set_class(&rows[3], 8, BLOCK_DEFINITE);
	rows[4] = (struct image_leaf_classes){.base = BASE, .space = SPACE_HEAP};
	set_class(&rows[4], 7, BLOCK_REACHABLE); /* the first one counts */
	rows[5] = (struct image_leaf_classes){.base = BASE + 5 * SPAN, .space = SPACE_HEAP};
	add_classes(4711, 1)->base = BASE;
	((struct chunk_header *)(built.bytes + built.used - IMAGE_PAGE))->rows = UINT64_MAX;
	struct image_check *missing = add_check(9, CHECK_DONE);
	missing->moment = CHECK_MOMENT;
	load();
	expect_class(CLASS_POSSIBLE, 8, 1);
	expect_class(CLASS_DEFINITE, 9, 1);
	expect_class(CLASS_UNKNOWN, 9 + 16 + 32, 3);
	expect_sums();
	assert_int_equal(model.processes[0].lost_stacks, 2);
	assert_int_equal(model.processes[0].check->newer.blocks, 0);
	assert_string_equal(model.processes[0].check->trigger, "?");
	assert_string_equal(model.processes[0].check->left_out[3], "tls");
	assert_null(model.processes[0].check->left_out[4]);
}

/* Wherever an image is cut, what is left of it adds up. */
static void a_cut_image_adds_up(void **state)
{
	uint64_t *slots = add_leaf(SPACE_HEAP, BASE);

	(void)state;
	slots[7] = slot_of(MALLOC_SITE, 8, BEFORE);
	add_check(1, CHECK_DONE);
	struct image_leaf_classes *rows = add_classes(1, 40);
	for (unsigned i = 0; i < 40; i++) {
		rows[i] = (struct image_leaf_classes){.base = BASE + (39 - i) * SPAN};
		set_class(&rows[i], 7, BLOCK_DEFINITE);
	}
	for (size_t cut = IMAGE_PAGE * 4; cut <= built.used; cut += 1000) {
		load_with(&(struct load_options){0}, cut);
		expect_sums();
		unlink(path);
		model_free(&model);
		model_init(&model);
	}
	load();
	expect_class(CLASS_DEFINITE, 8, 1);
}

/* After 2^29 moments blocks of before and after a check cannot be told apart. */
static void a_clock_at_its_end_tells_nothing(void **state)
{
	uint64_t *slots = add_leaf(SPACE_HEAP, BASE);

	(void)state;
	slots[0] = slot_of(MALLOC_SITE, 8, SLOT_MOMENT_MAX);
	slots[1] = slot_of(MALLOC_SITE, 16, SLOT_MOMENT_MAX - 1);
	add_check(1, CHECK_DONE)->moment = SLOT_MOMENT_MAX + 1000;
	struct image_leaf_classes *row = add_classes(1, 1);
	*row = (struct image_leaf_classes){.base = BASE};
	set_class(row, 0, BLOCK_DEFINITE);
	set_class(row, 1, BLOCK_DEFINITE);
	load();
	expect_class(CLASS_UNKNOWN, 8, 1);
	expect_class(CLASS_DEFINITE, 16, 1);
}

static void what_is_lost_through_a_site(void **state)
{
	uint64_t *slots = add_leaf(SPACE_HEAP, BASE);

	(void)state;
	slots[0] = slot_of(MALLOC_SITE, 8, BEFORE);
	slots[1] = slot_of(MALLOC_SITE, 16, BEFORE);
	slots[2] = slot_of(NEW_SITE, 32, BEFORE);
	add_check(1, CHECK_DONE)->unnamed_bytes = 3;
	struct image_leaf_classes *row = add_classes(1, 1);
	*row = (struct image_leaf_classes){.base = BASE};
	set_class(row, 0, BLOCK_DEFINITE);
	set_class(row, 1, BLOCK_INDIRECT);
	set_class(row, 2, BLOCK_INDIRECT);
	struct image_indirect *indirect = add_rows(CHUNK_INDIRECT, 1, 7, sizeof(*indirect));
	indirect[0] = (struct image_indirect){MALLOC_SITE, MALLOC_SITE, 10, 1};
	indirect[1] = (struct image_indirect){MALLOC_SITE, MALLOC_SITE, 6, 1};
	indirect[2] = (struct image_indirect){NEW_SITE, MALLOC_SITE, 32, 1};
	indirect[3] = (struct image_indirect){NEW_SITE, NEW_SITE, 64, 1}; /* no such loser now */
	indirect[4] = (struct image_indirect){UINT32_MAX, MALLOC_SITE, 64, 1};
	indirect[5] = (struct image_indirect){NEW_SITE, UINT32_MAX, 64, 1};
	indirect[6] = (struct image_indirect){0, 0, 64, 1};
	indirect = add_rows(CHUNK_INDIRECT, 2, 1, sizeof(*indirect));
	*indirect = (struct image_indirect){NEW_SITE, MALLOC_SITE, 64, 1}; /* another check's */
	load();
	const struct site *site = find("malloc", CLASS_DEFINITE);
	assert_int_equal(site->indirect.bytes, 48);
	assert_int_equal(site->indirect.blocks, 3);
	assert_int_equal(site->loss_count, 2);
	assert_ptr_equal(&model.sites[site->losses[0].site], find("operator new", CLASS_INDIRECT));
	assert_int_equal(site->losses[0].lost.bytes, 32);
	assert_ptr_equal(&model.sites[site->losses[1].site], find("malloc", CLASS_INDIRECT));
	assert_int_equal(site->losses[1].lost.bytes, 16);
	assert_int_equal(site->losses[1].lost.blocks, 2);
	assert_int_equal(model.processes[0].check->unnamed.bytes, 3);
}

/* Merging moves sites, and what is lost through one follows. Without names all stacks read the same.
 */
static void losses_follow_merged_sites(void **state)
{
	(void)state;
	uint32_t frames[3];
	for (unsigned i = 0; i < 3; i++)
		frames[i] = model_frame(&model, 0, 0, 100 + i, 0);
	for (unsigned i = 0; i < 3; i++)
		model_site(&model, KIND_HEAP, CLASS_DEFINITE, "malloc", frames[i]);
	for (unsigned i = 0; i < 3; i++)
		model_site(&model, KIND_HEAP, CLASS_INDIRECT, "calloc", frames[i]);
	model_site(&model, KIND_HEAP, CLASS_INDIRECT, "strdup", frames[0]);
	for (size_t i = 0; i < 3; i++) {
		model_add_loss(&model, i, 3 + i, &(struct amount){.bytes = 10, .blocks = 1});
		model_add_loss(&model, i, 6, &(struct amount){.bytes = 100 * i, .blocks = i});
	}
	model_settle_losses(&model);
	assert_int_equal(model.sites[2].losses[0].site, 6);
	merge_sites(&model);
	assert_int_equal(model.site_count, 3);
	assert_int_equal(model.sites[0].indirect.bytes, 330);
	assert_int_equal(model.sites[0].indirect.blocks, 6);
	assert_int_equal(model.sites[0].loss_count, 2);
	assert_string_equal(model.sites[model.sites[0].losses[0].site].allocator, "strdup");
	assert_int_equal(model.sites[0].losses[0].lost.bytes, 300);
	assert_string_equal(model.sites[model.sites[0].losses[1].site].allocator, "calloc");
	assert_int_equal(model.sites[0].losses[1].lost.bytes, 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_block_has_its_class, start, stop),
		cmocka_unit_test_setup_teardown(young_blocks_are_left_out_by_class, start, stop),
		cmocka_unit_test_setup_teardown(leaves_and_spaces_are_told_apart, start, stop),
		cmocka_unit_test_setup_teardown(the_latest_check_that_is_done_counts, start, stop),
		cmocka_unit_test_setup_teardown(without_a_check_nothing_is_known, start, stop),
		cmocka_unit_test_setup_teardown(a_check_without_rows_is_none, start, stop),
		cmocka_unit_test_setup_teardown(classes_may_be_left_alone, start, stop),
		cmocka_unit_test_setup_teardown(damaged_rows_are_left_out, start, stop),
		cmocka_unit_test_setup_teardown(a_cut_image_adds_up, start, stop),
		cmocka_unit_test_setup_teardown(a_clock_at_its_end_tells_nothing, start, stop),
		cmocka_unit_test_setup_teardown(what_is_lost_through_a_site, start, stop),
		cmocka_unit_test_setup_teardown(losses_follow_merged_sites, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
