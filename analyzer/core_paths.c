/*
 * Paths in a core, see core_paths.h; preload/check_paths.c describes those of the process itself.
 * Called by core_check.c. The frames of stacks come later, from the unwinder (core_stacks.c).
 */
#include "core_paths.h"

#include "core_tls.h"
#include "memory.h"
#include "preload/path_list.h"
#include "preload/root_place.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

struct describing {
	const struct core_paths_wish *wish;
	struct root_places places;
	struct image_region *regions; /* that the program made */
	size_t region_count, region_capacity;
	struct reach_block block; /* that is asked for */
	uint64_t wanted;
	bool found;
};

/* ---- registers ---- */

/* DWARF's number of a register by NT_PRSTATUS's order. */
static uint64_t register_number(uint32_t machine, unsigned index)
{
	static const unsigned char x86_64[] = {
		15, 14, 13, 12, 6, 3, 11, 10, 9, 8, 0, 2, 1, 4, 5, PATH_REGISTER_NONE, 16};

	if (machine == EM_X86_64)
		return index < sizeof(x86_64) ? x86_64[index]
		       : index == 19          ? 7
					      : PATH_REGISTER_NONE;
	return machine == EM_AARCH64 && index < 32 ? index : PATH_REGISTER_NONE;
}

/* The registers stand as core_roots.c has put them there. */
static void describe_register(const struct core_file *core, size_t word, struct image_path *row)
{
	size_t at = 0;

	row->count = PATH_REGISTER_NONE;
	for (size_t i = 0; i < core->thread_count; i++) {
		const struct core_thread *thread = &core->threads[i];
		for (unsigned r = 0; r < thread->register_count; r++) {
			if (thread->registers[r] == thread->thread_pointer)
				continue;
			if (at++ != word)
				continue;
			row->tid = thread->tid;
			row->count = register_number(core->machine, r);
			return;
		}
	}
}

/* ---- memory ---- */

static void add_region(void *context, uint64_t index, const void *data)
{
	struct describing *describing = context;
	struct image_region region;

	(void)index;
	memcpy(&region, data, sizeof(region));
	if (region.state < REGION_MMAP || region.state > REGION_SHM || region.start >= region.end)
		return;
	describing->regions = memory_grow(describing->regions, &describing->region_capacity,
		describing->region_count + 1, sizeof(region));
	describing->regions[describing->region_count++] = region;
}

static void list_regions(struct describing *describing)
{
	const struct image_file *image = describing->wish->places->image;

	for (size_t i = 0; i < image->chunk_count; i++)
		if (image->chunks[i].type == CHUNK_REGIONS)
			image_each_row(image, &image->chunks[i], sizeof(struct image_region),
				add_region, describing);
}

static const struct image_region *find_region(const struct describing *describing, uint64_t at)
{
	for (size_t i = 0; i < describing->region_count; i++)
		if (at >= describing->regions[i].start && at < describing->regions[i].end)
			return &describing->regions[i];
	return NULL;
}

/* The number in the image of the module that an address is in, 0: none that the recorder met. */
static uint64_t module_at(const struct core_places *places, uint64_t at)
{
	const struct image_tables *tables = places->tables;

	for (size_t i = 1; i < tables->module_count; i++)
		if (tables->modules[i].state == MODULE_LOADED && at >= tables->modules[i].start &&
			at < tables->modules[i].end)
			return i;
	return 0;
}

static void describe_memory(const struct describing *describing, struct image_path *row)
{
	const struct image_region *region = find_region(describing, row->address);
	const struct core_places *places = describing->wish->places;

	if (region && (row->detail != ROOT_NAMED || region->state == REGION_BRK)) {
		row->detail = ROOT_MAPPING;
		row->site = region->site;
		row->offset = row->address - region->start;
	} else if (row->detail == ROOT_OTHER && core_modules_at(places->modules, row->address)) {
		row->detail = ROOT_DATA;
		row->ip = row->address | module_at(places, row->address) << IP_MODULE_SHIFT;
	}
}

static uint64_t describe(void *context, const struct reach_step *word, struct image_path *row)
{
	struct describing *describing = context;
	const struct core_file *core = describing->wish->places->core;
	struct root_place place;

	root_places_find(&describing->places, word, &place);
	row->detail = (uint16_t)place.kind;
	if (place.thread != ROOT_NO_THREAD && place.thread < core->thread_count)
		row->tid = core->threads[place.thread].tid;
	if (place.kind == ROOT_REGISTER) {
		describe_register(core, place.word, row);
		return describing->places.roots->registers[place.word];
	}
	if (place.kind == ROOT_TLS)
		row->ip = place.offset | (uint64_t)place.module << IP_MODULE_SHIFT;
	else if (!word->at_hand && place.kind != ROOT_STACK)
		describe_memory(describing, row);
	return 0;
}

/* ---- the block that is asked for ---- */

static bool look_at(void *context, const struct reach_block *block)
{
	struct describing *describing = context;

	describing->found = describing->wanted - block->address < (block->size ? block->size : 1);
	if (describing->found)
		describing->block = *block;
	return !describing->found && block->address <= describing->wanted;
}

static bool has_path(const struct path_list *list, uint64_t address)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->rows[i].kind == PATH_BLOCK && list->rows[i].address == address)
			return true;
	return false;
}

static void add_asked(struct describing *describing, struct path_list *list)
{
	describing->wanted = describing->wish->path_of;
	if (describing->wanted == 0)
		return;
	reach_each(describing->wish->reach, look_at, describing);
	if (describing->found && !has_path(list, describing->block.address))
		path_list_add(list, &describing->block);
}

struct image_path *core_paths_find(
	const struct core_paths_wish *wish, size_t *ret_count, uint64_t *ret_cut)
{
	struct describing describing = {.wish = wish,
		.places = {.roots = wish->roots,
			.words_before = wish->words_before,
			.words_ignored = wish->words_before}};
	struct path_list list = {.reach = wish->reach,
		.view = wish->roots->view,
		.site_end = wish->places->tables->node_count,
		.steps_left = PATH_LIST_STEPS,
		.tags = wish->heuristics & REACH_TAGS,
		.describe = describe,
		.context = &describing};
	struct image_path *rows = NULL;

	describing.places.tls =
		core_tls_find(wish->places, &describing.places.tls_count, &wish->roots->tls_bytes);
	list_regions(&describing);
	if (root_places_begin(&describing.places) && path_list_find(&list))
		add_asked(&describing, &list);
	else
		list.cut++;
	rows = memory_zero(list.count, sizeof(*rows));
	if (list.count)
		memcpy(rows, list.rows, list.count * sizeof(*rows));
	free((void *)describing.places.tls);
	free(describing.regions);
	*ret_count = list.count;
	*ret_cut = list.cut;
	return rows;
}
