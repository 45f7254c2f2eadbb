/* Writing down what a check found, see check_results.h. */
#include "preload/check_results.h"
#include "preload/image.h"
#include "preload/sys.h"

_Static_assert((int)BLOCK_REACHABLE == (int)REACH_REACHABLE &&
		       (int)BLOCK_POSSIBLE == (int)REACH_POSSIBLE &&
		       (int)BLOCK_INDIRECT == (int)REACH_INDIRECT &&
		       (int)BLOCK_DEFINITE == (int)REACH_DEFINITE,
	"the image has the scan's classes");

bool check_addresses_add(
	struct check_addresses *list, struct check_memory *memory, uint64_t address)
{
	struct check_address_page *page = list->last;

	if (!page || page->count == sizeof(page->words) / sizeof(page->words[0])) {
		page = check_allocate(memory, sizeof(*page));
		if (!page)
			return false;
		if (list->last)
			list->last->next = page;
		else
			list->first = page;
		list->last = page;
	}
	page->words[page->count++] = address;
	return true;
}

uint64_t check_addresses_count(const struct check_addresses *list)
{
	uint64_t count = 0;

	for (const struct check_address_page *some = list->first; some; some = some->next)
		count += some->count;
	return count;
}

/* Room of earlier checks: that of the one before the last is used again, because a reader may still
 * be at the last. A process that is checked often does not grow by it. */
static struct chunk_header *earlier_classes[2], *earlier_indirect[2], *earlier_paths[2];

void check_results_forget(void)
{
	for (unsigned i = 0; i < 2; i++)
		earlier_classes[i] = earlier_indirect[i] = earlier_paths[i] = NULL;
}

static uint64_t room_in(const struct chunk_header *chunk, size_t row_size)
{
	return (chunk->size - chunk->data) / row_size;
}

static struct chunk_header *take(struct chunk_header **earlier, uint64_t rows, size_t row_size)
{
	struct chunk_header *chunk = earlier[0];

	earlier[0] = earlier[1];
	if (chunk && room_in(chunk, row_size) >= rows) {
		__atomic_store_n(&chunk->magic, 0, __ATOMIC_RELEASE);
		__builtin_memset((char *)chunk + chunk->data, 0, chunk->size - chunk->data);
	} else {
		/* Room to grow, if it is to be used again. */
		chunk = image_chunk(
			(rows + (earlier[0] ? rows / 8 : 0)) * row_size, sizeof(*chunk));
	}
	earlier[1] = chunk;
	return chunk;
}

bool check_results_prepare(struct check_results *ret, const struct live_list *list,
	uint64_t indirect_rows, uint64_t path_rows)
{
	*ret = (struct check_results){
		.class_rows = list->count, .indirect_rows = indirect_rows, .path_rows = path_rows};
	ret->classes = take(earlier_classes, list->count, sizeof(struct image_leaf_classes));
	ret->indirect = take(earlier_indirect, indirect_rows, sizeof(struct image_indirect));
	if (path_rows)
		ret->paths = take(earlier_paths, path_rows, sizeof(struct image_path));
	return ret->classes && ret->indirect;
}

/* ---- pairs ---- */

static void store_pairs(struct check_results *results, struct image_check *check)
{
	struct image_indirect *to = (struct image_indirect *)(results->indirect + 1);
	const struct reach_pairs *pairs = &results->pairs;
	uint64_t stored = 0;

	check->unnamed_bytes = pairs->lost_bytes;
	check->unnamed_blocks = pairs->lost_blocks;
	for (size_t i = 0; i < pairs->capacity; i++) {
		const struct image_indirect *row = &pairs->rows[i];

		if (!row->site)
			continue;
		if (stored == results->indirect_rows) {
			check->unnamed_bytes += row->bytes;
			check->unnamed_blocks += row->blocks;
			continue;
		}
		to[stored++] = *row;
	}
	image_publish(results->indirect, CHUNK_INDIRECT, check->number, 0, stored);
}

/* ---- classes ---- */

/* Blocks come in the order of addresses, so each space's row stays open until its leaf ends. */
static struct image_leaf_classes *row_of(
	struct check_results *results, enum leaf_space space, uint64_t base)
{
	struct image_leaf_classes *rows = (struct image_leaf_classes *)(results->classes + 1);
	struct image_leaf_classes *row = results->open[space];

	if (row && row->base == base)
		return row;
	if (results->used == results->class_rows)
		return NULL;
	row = &rows[results->used++];
	row->base = base;
	row->space = space;
	results->open[space] = row;
	return row;
}

/* Blocks of pools come in the same order. */
static bool is_of_pool(struct check_results *results, uint64_t address)
{
	const struct check_address_page *page = results->pools;

	if (!page || page->words[results->pools_at] != address)
		return false;
	if (++results->pools_at == page->count) {
		results->pools = page->next;
		results->pools_at = 0;
	}
	return true;
}

static bool store_block(void *context, const struct reach_block *block)
{
	struct check_results *results = context;
	struct image_check *check = results->check;
	enum leaf_space even = is_of_pool(results, block->address) ? SPACE_CUSTOM : SPACE_HEAP;
	enum leaf_space space;
	uint64_t base;
	unsigned i = live_list_slot(even, block->address, &base, &space);
	struct image_leaf_classes *row = row_of(results, space, base);

	check->classes[block->class].blocks++;
	check->classes[block->class].bytes += block->size;
	if (row)
		row->nibbles[i / 2] |= (uint8_t)(block->class << (i % 2 * 4));
	if (block->class == REACH_INDIRECT)
		reach_pairs_add(&results->pairs, block->site, block->leader_site, block->size);
	return true;
}

void check_results_fill(struct check_results *results, struct reach *reach,
	struct image_check *check, const struct check_addresses *pools, struct check_memory *memory)
{
	results->check = check;
	results->pools = pools->first;
	results->pools_at = 0;
	results->pairs = (struct reach_pairs){.allocate = check_allocate, .context = memory};
	reach_each(reach, store_block, results);
	image_publish(results->classes, CHUNK_CLASSES, check->number, 0, results->used);
	store_pairs(results, check);
}

/* ---- paths ---- */

static size_t rows_of_path(const struct image_path *rows)
{
	size_t count = 1;

	while (rows[count - 1].kind != PATH_ROOT)
		count++;
	return count;
}

/* Whole ones. */
void check_results_paths(
	struct check_results *results, const struct path_list *list, struct image_check *check)
{
	struct image_path *to = results->paths ? (struct image_path *)(results->paths + 1) : NULL;
	size_t stored = 0;

	check->with_paths = 1;
	check->cut_paths = list->cut;
	for (size_t i = 0, rows; i < list->count; i += rows) {
		rows = rows_of_path(list->rows + i);
		if (!to || rows > results->path_rows - stored) {
			check->cut_paths++;
			continue;
		}
		__builtin_memcpy(to + stored, list->rows + i, rows * sizeof(*to));
		stored += rows;
		check->paths++;
	}
	if (to)
		image_publish(results->paths, CHUNK_PATHS, check->number, 0, stored);
}
