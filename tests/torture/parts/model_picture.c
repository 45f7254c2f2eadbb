#include "tests/torture/parts/model_picture.h"
#include "analyzer/memory.h"
#include "tests/torture/parts/kill_verify.h"
#include "tests/torture/parts/model_run.h"

#include <stdio.h>
#include <stdlib.h>

const char *const picture_names[MODEL_FUNCTION_COUNT] = {"model_malloc", "model_malloc_other",
	"model_calloc", "model_calloc_bytes", "model_realloc_null", "model_reallocarray_null",
	"model_posix_memalign", "model_memalign", "model_aligned_alloc", "model_valloc",
	"model_pvalloc", "model_new", "model_new_array", "model_new_nothrow",
	"model_new_array_nothrow", "model_new_aligned", "model_new_array_aligned_nothrow",
	"model_realloc", "model_realloc_other", "model_reallocarray", "route_0", "route_1",
	"route_2", "route_3", "route_4", "route_5", "route_6", "route_7", "act", "act_in_handler",
	"act_in_child", "worker", "map_pages", "map_over", "remap"};

static void take_blocks(
	void *context, uint32_t space, const struct image_block *blocks, size_t count)
{
	struct picture *picture = context;

	(void)space;
	picture->blocks = memory_grow(picture->blocks, &picture->capacity, picture->count + count,
		sizeof(*picture->blocks));
	for (size_t i = 0; i < count; i++)
		picture->blocks[picture->count++] = (struct picture_block){.image = blocks[i]};
}

static void take_region(void *context, uint64_t index, const void *row)
{
	struct picture *picture = context;
	const struct image_region *region = row;

	(void)index;
	if (region->state == REGION_FREE)
		return;
	picture->regions = memory_grow(picture->regions, &picture->region_capacity,
		picture->region_count + 1, sizeof(*picture->regions));
	picture->regions[picture->region_count++] = *region;
}

static int by_address(const void *a, const void *b)
{
	const struct picture_block *one = a, *other = b;

	return one->image.address < other->image.address
		       ? -1
		       : one->image.address > other->image.address;
}

void picture_open(struct picture *picture, const char *name)
{
	struct error error;

	*picture = (struct picture){0};
	if (kill_open(&picture->image, name, &error) < 0)
		fail("%s: %s", name, error.text);
	image_tables_read(&picture->tables, &picture->image);
	live_each(&picture->image, NULL, take_blocks, picture);
	if (picture->count)
		qsort(picture->blocks, picture->count, sizeof(*picture->blocks), by_address);
	for (size_t i = 0; i < picture->image.chunk_count; i++)
		if (picture->image.chunks[i].type == CHUNK_REGIONS)
			image_each_row(&picture->image, &picture->image.chunks[i],
				sizeof(struct image_region), take_region, picture);
	for (size_t i = 0; i < picture->tables.thread_count; i++) {
		if (picture->tables.threads[i].state == 0)
			continue;
		picture->allocs += picture->tables.threads[i].allocs;
		picture->frees += picture->tables.threads[i].frees;
	}
}

void picture_close(struct picture *picture)
{
	image_tables_free(&picture->tables);
	image_close(&picture->image);
	free(picture->blocks);
	free(picture->regions);
}

struct picture_block *picture_find(struct picture *picture, uint64_t address)
{
	struct picture_block wanted = {.image.address = address};

	return picture->count ? bsearch(&wanted, picture->blocks, picture->count, sizeof(wanted),
					by_address)
			      : NULL;
}

uint64_t picture_call(const struct picture *picture, uint32_t node)
{
	if (node == 0 || node >= picture->tables.node_count || !picture->tables.nodes[node].ip)
		return 0;
	return (picture->tables.nodes[node].ip & IP_MASK) - 1;
}

uint32_t picture_outer(const struct picture *picture, uint32_t node)
{
	return node < picture->tables.node_count ? picture->tables.nodes[node].parent : 0;
}

int picture_function(const struct picture *picture, uint32_t node)
{
	uint64_t address = picture_call(picture, node);
	int found = -1;

	if (address >= told->functions_end)
		return -1;
	for (int i = 0; i < MODEL_FUNCTION_COUNT; i++)
		if (told->functions[i] <= address &&
			(found < 0 || told->functions[i] > told->functions[found]))
			found = i;
	return found;
}

void picture_path(const struct picture *picture, uint32_t node, char ret[512])
{
	char *at = ret;

	*at = '\0';
	for (int i = 0; i < 14 && node; i++, node = picture_outer(picture, node)) {
		int function = picture_function(picture, node);

		at += sprintf(at, " %s", function >= 0 ? picture_names[function] : "?");
	}
}
