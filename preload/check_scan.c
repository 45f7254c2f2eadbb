/* The steps of a check, see check_scan.h. */
#include "preload/check_scan.h"
#include "preload/epochs.h"
#include "preload/options.h"
#include "preload/stacks.h"

struct check *check_make(struct image_check *row)
{
	struct check_memory memory = {0};
	struct check *check = check_allocate(&memory, sizeof(*check));

	if (!check)
		return NULL;
	check->memory = memory;
	check->row = row;
	return check;
}

void check_release(struct check *check)
{
	struct check_memory memory = check->memory;

	check_memory_release(&memory);
}

bool check_stop(struct check *check)
{
	if (!stop_others(&check->stop))
		return false;
	check->row->threads = (uint32_t)check->stop.count;
	check->row->unmet_threads = (uint32_t)check->stop.unmet;
	check->row->moment = epochs_separate();
	return true;
}

static bool add_block(void *context, const struct live_entry *block)
{
	struct check *check = context;
	bool pool = block->space == SPACE_CUSTOM || block->space == SPACE_CUSTOM_ODD;

	if (block->site == SITE_IGNORED &&
		!check_addresses_add(&check->ignored, &check->memory, block->address))
		return false;
	if (check_allocator_made(&check->allocator, block->site) &&
		!check_addresses_add(&check->inner, &check->memory, block->address))
		return false;
	if (pool && !check_addresses_add(&check->pools, &check->memory, block->address))
		return false;
	if (check->paths.wanted)
		check_paths_site(&check->paths, block->site);
	if (check->since && !check_since_add(check->since, &check->memory, block))
		return false;
	return reach_add(check->reach, block->address, block->size, block->site);
}

static void leave_out_block(void *context, const struct live_entry *block)
{
	struct check *check = context;

	check->row->classes[BLOCK_UNCLASSED].blocks++;
	check->row->classes[BLOCK_UNCLASSED].bytes += block->size;
}

/* reach_view's functions get the whole check. */
static const void *read_memory(void *check, uint64_t at, uint64_t *size)
{
	return maps_read(&((struct check *)check)->maps, at, size);
}

static uint32_t mapping(void *check, uint64_t at, uint64_t *end)
{
	const struct map *map = maps_find(&((struct check *)check)->maps, at);

	*end = map ? map->end : at + 1;
	if (!map)
		return 0;
	return (map->sort == SORT_COPIED ? REACH_MAPPED_FILE : 0) |
	       (map->readable ? REACH_MAPPED_READ : 0) | (map->executable ? REACH_MAPPED_EXEC : 0);
}

static void *allocate(void *check, size_t size)
{
	return check_allocate(&((struct check *)check)->memory, size);
}

enum check_failure check_picture(struct check *check, const struct roots_caller *caller)
{
	check->view = (struct reach_view){
		.read = read_memory, .allocate = allocate, .mapping = mapping, .context = check};
	check->reach = reach_begin(
		&check->view, check->row->heuristics | (options.paths ? REACH_PATHS : 0));
	if (!check->reach ||
		!check_roots_gather(
			&check->roots, &check->view, &check->stop, caller, check->row->left_out) ||
		(options.paths &&
			!check_paths_gather(&check->paths, &check->roots, &check->stop, caller)))
		return CHECK_NO_MEMORY;
	check->allocator = check_allocator_of(check->roots.allocator_module);
	if (!live_list_make(&check->list, &check->memory) ||
		!live_list_each(&check->list, add_block, leave_out_block, check))
		return CHECK_NO_MEMORY;
	return 0;
}

/* Each keeps what it points at. */
static void keep(struct check *check, const struct check_addresses *blocks)
{
	for (const struct check_address_page *some = blocks->first; some; some = some->next)
		reach_from_words(check->reach, some->words, some->count);
}

/* While the memory can be read still. */
static void find_paths(struct check *check)
{
	if (check->paths.wanted)
		check_paths_find(&check->paths, check->reach,
			check_addresses_count(&check->ignored),
			check_addresses_count(&check->inner));
}

enum check_failure check_scan(struct check *check)
{
	struct reach_counts counts;

	if (!reach_ready(check->reach))
		return CHECK_NO_MEMORY;
	if (!maps_open(&check->maps, &check->memory, check->stop.count > 0))
		return CHECK_NO_MAPS;
	keep(check, &check->ignored);
	keep(check, &check->inner);
	check_roots_scan(&check->roots, &check->maps, check->reach);
	reach_finish(check->reach);
	find_paths(check);
	if (check->since)
		check_since_count(check->since, check->reach);
	maps_close(&check->maps);
	reach_counts(check->reach, &counts);
	check->row->root_bytes = counts.root_bytes;
	check->row->block_bytes = counts.block_bytes;
	check->row->unreadable_bytes = check->maps.unreadable_bytes;
	check->row->scan_memory_bytes = check->memory.bytes;
	return check->roots.out_of_memory ? CHECK_NO_MEMORY : 0;
}

void check_store(struct check *check)
{
	check_results_fill(
		&check->results, check->reach, check->row, &check->pools, &check->memory);
	if (check->paths.wanted)
		check_results_paths(&check->results, &check->paths.list, check->row);
}
