/*
 * Reads the numbered tables of an image. Called by load_image.c and `leak show`. Rows come from
 * hostile files: numbers are checked here once, so that users may index without checks.
 */
#include "image_tables.h"

#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
	struct image_tables *tables;
	uint64_t first; /* of the chunk */
	size_t epoch_capacity;
};

static void read_node(void *context, uint64_t index, const void *row)
{
	struct reading *reading = context;
	const struct image_node *node = row;
	uint64_t number = reading->first + index;

	if (number == 0 || number >= reading->tables->node_count || node->ip == 0 ||
		node->parent >= number)
		return;
	reading->tables->nodes[number] = *node;
}

static void read_module(void *context, uint64_t index, const void *row)
{
	struct reading *reading = context;
	struct image_module module;

	(void)index;
	memcpy(&module, row, sizeof(module));
	if (module.state == MODULE_FREE || module.number == 0 ||
		module.number >= reading->tables->module_count)
		return;
	module.path[sizeof(module.path) - 1] = '\0';
	if (module.build_id_size > sizeof(module.build_id))
		module.build_id_size = 0;
	reading->tables->modules[module.number] = module;
}

static void read_module_path(struct image_tables *tables, const struct image_file *image,
	const struct chunk_header *chunk)
{
	if (chunk->first >= tables->module_count || tables->module_paths[chunk->first])
		return;
	tables->module_paths[chunk->first] = image_text(image, chunk);
}

const char *image_module_path(const struct image_tables *tables, size_t number)
{
	return tables->module_paths[number] ? tables->module_paths[number]
					    : tables->modules[number].path;
}

static void read_thread(void *context, uint64_t index, const void *row)
{
	struct reading *reading = context;
	uint64_t slot = reading->first + index;
	struct image_thread thread;

	memcpy(&thread, row, sizeof(thread));
	if (thread.state == 0 || slot >= reading->tables->thread_count)
		return;
	thread.name[sizeof(thread.name) - 1] = '\0';
	reading->tables->threads[slot] = thread;
}

static void read_epoch(void *context, uint64_t index, const void *row)
{
	struct reading *reading = context;
	struct image_tables *tables = reading->tables;
	struct image_epoch epoch;

	(void)index;
	memcpy(&epoch, row, sizeof(epoch));
	if (epoch.kind == 0)
		return;
	epoch.label[sizeof(epoch.label) - 1] = '\0';
	tables->epochs = memory_grow(
		tables->epochs, &reading->epoch_capacity, tables->epoch_count + 1, sizeof(epoch));
	tables->epochs[tables->epoch_count++] = epoch;
}

void image_epoch_label(const struct image_epoch *epoch, char ret[static EPOCH_LABEL_MAX])
{
	bool is_long = epoch->kind == EPOCH_MARK || epoch->kind == EPOCH_SNAPSHOT;

	snprintf(ret, EPOCH_LABEL_MAX, "%.*s%.*s", IMAGE_NAME_MAX - 1, epoch->label,
		is_long ? IMAGE_LABEL_REST - 1 : 0, epoch->label_rest);
}

/* Highest row number + 1 over the chunks of a type, at most `limit`. */
static size_t count_numbers(
	const struct image_file *image, uint32_t type, size_t row_size, size_t limit)
{
	size_t count = 0;

	for (size_t i = 0; i < image->chunk_count; i++) {
		const struct chunk_header *chunk = &image->chunks[i];
		uint64_t rows = image_rows(image, chunk, row_size);
		if (chunk->type != type || rows == 0 || chunk->first >= limit)
			continue;
		uint64_t end = chunk->first + rows;
		if (end > limit)
			end = limit;
		if (end > count)
			count = end;
	}
	return count;
}

static int by_moment(const void *a, const void *b)
{
	const struct image_epoch *one = a, *other = b;

	if (one->moment != other->moment)
		return one->moment < other->moment ? -1 : 1;
	return one->number < other->number ? -1 : one->number > other->number;
}

void image_tables_read(struct image_tables *tables, const struct image_file *image)
{
	struct reading reading = {.tables = tables};

	*tables = (struct image_tables){0};
	tables->node_count =
		count_numbers(image, CHUNK_NODES, sizeof(struct image_node), NODE_MAX + 1);
	tables->nodes = memory_zero(tables->node_count, sizeof(*tables->nodes));
	tables->module_count =
		count_numbers(image, CHUNK_MODULES, sizeof(struct image_module), 65535) + 1;
	tables->modules = memory_zero(tables->module_count, sizeof(*tables->modules));
	tables->module_paths = memory_zero(tables->module_count, sizeof(*tables->module_paths));
	tables->thread_count =
		count_numbers(image, CHUNK_THREADS, sizeof(struct image_thread), 1u << 22);
	tables->threads = memory_zero(tables->thread_count, sizeof(*tables->threads));

	for (size_t i = 0; i < image->chunk_count; i++) {
		const struct chunk_header *chunk = &image->chunks[i];
		reading.first = chunk->first;
		if (chunk->type == CHUNK_NODES)
			image_each_row(
				image, chunk, sizeof(struct image_node), read_node, &reading);
		else if (chunk->type == CHUNK_MODULES)
			image_each_row(
				image, chunk, sizeof(struct image_module), read_module, &reading);
		else if (chunk->type == CHUNK_THREADS)
			image_each_row(
				image, chunk, sizeof(struct image_thread), read_thread, &reading);
		else if (chunk->type == CHUNK_EPOCHS)
			image_each_row(
				image, chunk, sizeof(struct image_epoch), read_epoch, &reading);
		else if (chunk->type == CHUNK_TEXTS && chunk->owner == TEXT_MODULE)
			read_module_path(tables, image, chunk);
	}
	if (tables->epoch_count)
		qsort(tables->epochs, tables->epoch_count, sizeof(*tables->epochs), by_moment);
}

void image_tables_free(struct image_tables *tables)
{
	for (size_t i = 0; i < tables->module_count; i++)
		free(tables->module_paths[i]);
	free(tables->module_paths);
	free(tables->nodes);
	free(tables->modules);
	free(tables->threads);
	free(tables->epochs);
}

enum image_family image_tables_family(const struct image_tables *tables, uint32_t site)
{
	if (site == 0 || site >= tables->node_count || tables->nodes[site].ip >= FAMILY_COUNT)
		return FAMILY_NONE;
	return (enum image_family)tables->nodes[site].ip;
}

const char *image_family_symbol(enum image_family family)
{
	static const char *const symbols[] = {
#define X(id, symbol, release) symbol,
		IMAGE_FAMILY_TABLE(X)
#undef X
	};

	return (unsigned)family < FAMILY_COUNT ? symbols[family] : "?";
}
