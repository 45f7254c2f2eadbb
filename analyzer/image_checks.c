/*
 * Reads the checks of an image, see image_checks.h. Called by load_image.c and `leak show`. A row
 * that repeats the leaf of another, or cannot be the row of a leaf, is left out.
 */
#include "image_checks.h"

#include "memory.h"

#include <stdlib.h>
#include <string.h>

/* Bases are multiples of what a leaf covers, so a space fits below. */
#define KEY_SPACE_MASK ((uint64_t)LEAF_SLOTS - 1)

struct reading {
	struct image_checks *checks;
	uint64_t start; /* of the chunk's rows in the image */
	size_t capacity;
};

static void read_check(void *context, uint64_t index, const void *row)
{
	struct reading *reading = context;
	struct image_checks *checks = reading->checks;
	struct image_check check;

	(void)index;
	memcpy(&check, row, sizeof(check));
	if (check.state < CHECK_RUNNING || check.state > CHECK_FAILED || check.number == 0)
		return;
	checks->rows =
		memory_grow(checks->rows, &reading->capacity, checks->count + 1, sizeof(check));
	checks->rows[checks->count++] = check;
}

static int compare_checks(const void *a, const void *b)
{
	const struct image_check *one = a, *other = b;

	return one->number < other->number ? -1 : one->number > other->number;
}

static void read_place(void *context, uint64_t index, const void *row)
{
	struct reading *reading = context;
	struct image_checks *checks = reading->checks;
	const struct image_leaf_classes *classes = row;

	if (classes->base == 0 || classes->base & KEY_SPACE_MASK || classes->space >= SPACE_COUNT)
		return;
	checks->places = memory_grow(checks->places, &reading->capacity, checks->place_count + 1,
		sizeof(*checks->places));
	checks->places[checks->place_count++] =
		(struct class_place){.key = classes->base | classes->space,
			.offset = reading->start + index * sizeof(*classes)};
}

static int compare_places(const void *a, const void *b)
{
	const struct class_place *one = a, *other = b;

	if (one->key != other->key)
		return one->key < other->key ? -1 : 1;
	return one->offset < other->offset ? -1 : one->offset > other->offset;
}

/* The first of those with one key counts. */
static void sort_places(struct image_checks *checks)
{
	size_t kept = 0;

	if (checks->place_count)
		qsort(checks->places, checks->place_count, sizeof(*checks->places), compare_places);
	for (size_t i = 0; i < checks->place_count; i++)
		if (kept == 0 || checks->places[i].key != checks->places[kept - 1].key)
			checks->places[kept++] = checks->places[i];
	checks->place_count = kept;
}

static void each_chunk(const struct image_checks *checks, uint32_t type, size_t row_size,
	struct reading *reading, void (*visit)(void *context, uint64_t index, const void *row))
{
	const struct image_file *image = checks->image;

	for (size_t i = 0; i < image->chunk_count; i++) {
		const struct chunk_header *chunk = &image->chunks[i];
		if (chunk->type != type || (checks->done && chunk->owner != checks->done->number))
			continue;
		reading->start = chunk->offset + chunk->data;
		image_each_row(image, chunk, row_size, visit, reading);
	}
}

static bool has_classes(const struct image_file *image, const struct image_check *check)
{
	for (size_t i = 0; i < image->chunk_count; i++)
		if (image->chunks[i].type == CHUNK_CLASSES &&
			image->chunks[i].owner == check->number)
			return true;
	return false;
}

void image_checks_read(
	struct image_checks *checks, const struct image_file *image, bool with_classes)
{
	struct reading reading = {.checks = checks}, places = {.checks = checks};

	*checks = (struct image_checks){.image = image};
	each_chunk(checks, CHUNK_CHECKS, sizeof(struct image_check), &reading, read_check);
	if (checks->count)
		qsort(checks->rows, checks->count, sizeof(*checks->rows), compare_checks);
	for (size_t i = 0; i < checks->count; i++)
		if (checks->rows[i].state == CHECK_DONE && has_classes(image, &checks->rows[i]))
			checks->done = &checks->rows[i];
	if (!checks->done || !with_classes)
		return;
	each_chunk(checks, CHUNK_CLASSES, sizeof(struct image_leaf_classes), &places, read_place);
	sort_places(checks);
}

void image_checks_free(struct image_checks *checks)
{
	free(checks->rows);
	free(checks->places);
	free(checks->made);
	free(checks->made_indirect);
	free(checks->made_paths);
}

/* One row more; the list may move. */
static struct image_check *append(struct image_checks *checks, const struct image_check *row)
{
	size_t done = checks->done ? (size_t)(checks->done - checks->rows) : 0;

	checks->rows = memory_resize(checks->rows, checks->count + 1, sizeof(*checks->rows));
	if (checks->done)
		checks->done = &checks->rows[done];
	struct image_check *added = &checks->rows[checks->count];
	*added = *row;
	added->number = checks->count ? added[-1].number + 1 : 1;
	checks->count++;
	return added;
}

void image_checks_add(struct image_checks *checks, const struct image_check *row,
	struct image_leaf_classes *leaves, size_t leaf_count, struct image_indirect *indirect,
	size_t indirect_count)
{
	const struct image_check *added = append(checks, row);

	if (added->state != CHECK_DONE)
		return;
	checks->done = added;
	checks->made = leaves;
	checks->made_indirect = indirect;
	checks->made_indirect_count = indirect_count;
	checks->places = memory_resize(checks->places, leaf_count, sizeof(*checks->places));
	for (size_t i = 0; i < leaf_count; i++)
		checks->places[i] =
			(struct class_place){.key = leaves[i].base | leaves[i].space, .offset = i};
	checks->place_count = leaf_count;
	sort_places(checks);
}

/* The row at this offset, in the window; NULL when it is not readable. */
static const struct image_leaf_classes *row_at(struct image_checks *checks, uint64_t offset)
{
	const size_t size = sizeof(checks->window[0]);
	uint64_t index = (offset - checks->window_offset) / size;

	if (offset < checks->window_offset || (offset - checks->window_offset) % size ||
		index >= checks->window_rows) {
		checks->window_offset = offset;
		checks->window_rows =
			image_read(checks->image, offset, checks->window, sizeof(checks->window)) /
			size;
		index = 0;
	}
	return index < checks->window_rows ? &checks->window[index] : NULL;
}

const uint8_t *image_checks_leaf(struct image_checks *checks, uint32_t space, uint64_t base)
{
	const struct class_place wanted = {.key = base | space};
	size_t low = 0, high = checks->place_count;

	if (base & KEY_SPACE_MASK || space > KEY_SPACE_MASK)
		return NULL;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (checks->places[middle].key < wanted.key)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == checks->place_count || checks->places[low].key != wanted.key)
		return NULL;
	if (checks->made)
		return checks->made[checks->places[low].offset].nibbles;
	const struct image_leaf_classes *row = row_at(checks, checks->places[low].offset);
	/* It may have changed since it was listed, in the image of a process that runs. */
	return row && row->base == base && row->space == space ? row->nibbles : NULL;
}

uint32_t image_checks_end(const struct image_checks *checks)
{
	if (!checks->done)
		return 0;
	if (checks->made) /* of the very moment that the image is of */
		return UINT32_MAX;
	return checks->done->moment < SLOT_MOMENT_MAX ? (uint32_t)checks->done->moment
						      : (uint32_t)SLOT_MOMENT_MAX;
}

void image_checks_add_paths(struct image_checks *checks, struct image_path *rows, size_t count)
{
	checks->made_paths = rows;
	checks->made_path_count = count;
}

void image_checks_paths(const struct image_checks *checks,
	void (*visit)(void *context, uint64_t index, const void *row), void *context)
{
	for (size_t i = 0; i < checks->made_path_count; i++)
		visit(context, i, &checks->made_paths[i]);
	for (size_t i = 0; checks->done && !checks->made && i < checks->image->chunk_count; i++) {
		const struct chunk_header *chunk = &checks->image->chunks[i];
		if (chunk->type == CHUNK_PATHS && chunk->owner == checks->done->number)
			image_each_row(
				checks->image, chunk, sizeof(struct image_path), visit, context);
	}
}

void image_checks_indirect(const struct image_checks *checks,
	void (*visit)(void *context, uint64_t index, const void *row), void *context)
{
	for (size_t i = 0; i < checks->made_indirect_count; i++)
		visit(context, i, &checks->made_indirect[i]);
	for (size_t i = 0; checks->done && !checks->made && i < checks->image->chunk_count; i++) {
		const struct chunk_header *chunk = &checks->image->chunks[i];
		if (chunk->type == CHUNK_INDIRECT && chunk->owner == checks->done->number)
			image_each_row(checks->image, chunk, sizeof(struct image_indirect), visit,
				context);
	}
}
