/*
 * Checks an image's header, lists its chunks and gives their rows. Called by image_open.c, the
 * loader and `leak show`. The input is hostile: every length is checked against what is really
 * there.
 */
#include "image_file.h"

#include "memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t image_read(const struct image_file *image, uint64_t offset, void *buffer, size_t size)
{
	if (offset >= image->end)
		return 0;
	if (size > image->end - offset)
		size = image->end - offset;
	return image_source_read(&image->source, offset, buffer, size);
}

uint64_t image_skip_hole(const struct image_file *image, uint64_t offset, uint64_t end)
{
	return image_source_skip_hole(&image->source, offset, end);
}

static int wrong_magic(const struct image_header *header, size_t size, struct error *error)
{
	char start[4 * 8 + 1] = "", *out = start;
	const unsigned char *bytes = (const unsigned char *)header;

	if (header->magic == __builtin_bswap64(IMAGE_MAGIC))
		return error_set(error, "the image comes from a machine of the other byte order; "
					"analyze it on a machine of that kind");
	if (header->magic == 0)
		return error_set(error,
			"the image has no header yet: its process ended (or still is) "
			"before the first recorded event; nothing can be read from it");
	for (size_t i = 0; i < 8 && i < size; i++) {
		if (bytes[i] >= 0x20 && bytes[i] < 0x7f)
			*out++ = (char)bytes[i];
		else
			out += sprintf(out, "\\x%02x", bytes[i]);
	}
	return error_set(error, "not a libleak image (it starts with \"%s\"); " IMAGE_HINT, start);
}

static int check_header(struct image_file *image, size_t size, struct error *error)
{
	struct image_header *header = &image->header;
	const size_t least = offsetof(struct image_header, lost);
	size_t needed = sizeof(*header);

	if (size < sizeof(header->magic))
		return error_set(
			error, "too short for a libleak image (%zu bytes); " IMAGE_HINT, size);
	if (header->magic != IMAGE_MAGIC)
		return wrong_magic(header, size, error);
	if (size >= least && header->header_size >= least && header->header_size < needed)
		needed = header->header_size; /* an older writer */
	if (size < needed)
		return error_set(error,
			"the image is cut inside its header (%zu of %zu bytes); copy it again, or "
			"record again with `leak run -- CMD`",
			size, needed);
	if (header->endian != IMAGE_ENDIAN_MARK)
		return error_set(error, "the image comes from a machine of the other byte order; "
					"analyze it on a machine of that kind");
	if (header->version > IMAGE_VERSION)
		return error_set(error,
			"the image has version %u and this leak reads up to %u; "
			"use the leak that came with the libleak.so that wrote it",
			header->version, IMAGE_VERSION);
	if (header->version == 0 || header->header_size < least)
		return error_set(error,
			"the image's header is damaged (version %u, %u bytes); "
			"record again with `leak run -- CMD`",
			header->version, header->header_size);
	if (header->header_size < sizeof(*header))
		memset((char *)header + header->header_size, 0,
			sizeof(*header) - header->header_size);
	header->exe[sizeof(header->exe) - 1] = '\0';
	header->cwd[sizeof(header->cwd) - 1] = '\0';
	header->options[sizeof(header->options) - 1] = '\0';
	header->snapshot_label[sizeof(header->snapshot_label) - 1] = '\0';
	header->args[sizeof(header->args) - 1] = '\0';
	if (header->args_bytes > sizeof(header->args))
		header->args_bytes = sizeof(header->args);
	if (header->granule_shift < 3 || header->granule_shift > 12)
		header->granule_shift = 5;
	if (header->clock_shift > 40)
		header->clock_shift = 40;
	return 0;
}

static bool valid_chunk(
	const struct image_file *image, const struct chunk_header *chunk, uint64_t offset)
{
	return chunk->magic == (CHUNK_MAGIC ^ offset) && chunk->offset == offset &&
	       chunk->size >= IMAGE_PAGE && chunk->size % IMAGE_PAGE == 0 &&
	       chunk->size <= UINT64_MAX - offset && chunk->data >= sizeof(*chunk) &&
	       chunk->data <= chunk->size && offset < image->wanted_bytes;
}

static void list_chunks(struct image_file *image)
{
	uint64_t offset = IMAGE_FIRST_CHUNK, end = image->end;
	size_t capacity = 0;

	while ((offset = image_skip_hole(image, offset, end)) < end) {
		struct chunk_header chunk = {0};
		offset &= ~(uint64_t)(IMAGE_PAGE - 1);
		if (image_read(image, offset, &chunk, sizeof(chunk)) < sizeof(chunk) ||
			!valid_chunk(image, &chunk, offset)) {
			offset += IMAGE_PAGE;
			continue;
		}
		image->chunks = memory_grow(
			image->chunks, &capacity, image->chunk_count + 1, sizeof(*image->chunks));
		image->chunks[image->chunk_count++] = chunk;
		offset += chunk.size;
	}
}

#define TEXT_BYTES_MAX (1u << 20) /* the recorder keeps no longer ones */

char *image_text(const struct image_file *image, const struct chunk_header *chunk)
{
	uint64_t length = image_rows(image, chunk, 1);

	if (length > TEXT_BYTES_MAX)
		length = TEXT_BYTES_MAX;
	char *text = memory_zero(length + 1, 1);
	image_read(image, chunk->offset + chunk->data, text, length);
	return text;
}

/* What is cut in the header is the beginning of the whole. */
static char *whole_text(const struct image_file *image, enum image_text kind, const char *cut)
{
	for (size_t i = 0; i < image->chunk_count; i++) {
		const struct chunk_header *chunk = &image->chunks[i];
		if (chunk->type == CHUNK_TEXTS && chunk->owner == kind)
			return image_text(image, chunk);
	}
	return memory_copy(cut);
}

int image_check(struct image_file *image, struct error *error)
{
	image->end = image_source_end(&image->source);
	size_t size = image_read(image, 0, &image->header, sizeof(image->header));
	if (size == 0)
		return error_set(error, "cannot be read: %s", strerror(errno));
	if (check_header(image, size, error) < 0)
		return -1;

	/* What came after the pieces were measured is not missing: it is not of this reading. */
	if (image->promised_bytes && image->promised_bytes <= image->end &&
		image->header.used_bytes > image->end)
		image->header.used_bytes = image->end;
	image->wanted_bytes = image->header.used_bytes;
	if (image->wanted_bytes < IMAGE_PAGE)
		image->wanted_bytes = IMAGE_PAGE;
	/* Behind this an image file has a hole, at best; only its process has more. */
	if (image->origin == ORIGIN_FILE && image->header.memory_from &&
		image->end > image->header.memory_from)
		image->end = image->header.memory_from;
	if (image->end > image->wanted_bytes)
		image->end = image->wanted_bytes;
	image->readable_bytes = image_source_held(&image->source, image->end);
	list_chunks(image);
	image->exe = whole_text(image, TEXT_EXE, image->header.exe);
	image->cwd = whole_text(image, TEXT_CWD, image->header.cwd);
	image->options = whole_text(image, TEXT_OPTIONS, image->header.options);
	return 0;
}

void image_close(struct image_file *image)
{
	image_source_close(&image->source);
	free(image->path);
	free(image->chunks);
	free(image->exe);
	free(image->cwd);
	free(image->options);
	*image = (struct image_file){0};
}

uint64_t image_rows(
	const struct image_file *image, const struct chunk_header *chunk, size_t row_size)
{
	uint64_t start = chunk->offset + chunk->data; /* no overflow: data <= size, checked above */
	uint64_t end = chunk->offset + chunk->size;

	if (end > image->end)
		end = image->end;
	if (start >= end)
		return 0;
	uint64_t fit = (end - start) / row_size;
	return chunk->rows < fit ? chunk->rows : fit;
}

void image_each_row(const struct image_file *image, const struct chunk_header *chunk,
	size_t row_size, void (*visit)(void *context, uint64_t index, const void *row),
	void *context)
{
	uint64_t rows = image_rows(image, chunk, row_size), start = chunk->offset + chunk->data;
	uint64_t batch = row_size < 65536 ? 65536 / row_size : 1;
	if (batch > rows)
		batch = rows;
	char *buffer = memory_zero(batch, row_size);

	for (uint64_t index = 0; index < rows;) {
		uint64_t at = start + index * row_size;
		uint64_t data = image_skip_hole(image, at, start + rows * row_size);
		index += (data - at) / row_size;
		uint64_t count = rows - index < batch ? rows - index : batch;
		if (count == 0)
			break;
		count = image_read(image, start + index * row_size, buffer, count * row_size) /
			row_size;
		if (count == 0) { /* a row that runs into a gap */
			index++;
			continue;
		}
		for (uint64_t i = 0; i < count; i++)
			visit(context, index + i, buffer + i * row_size);
		index += count;
	}
	free(buffer);
}

const char *image_chunk_name(uint32_t type)
{
	static const char *const names[] = {
		[CHUNK_MODULES] = "modules",
		[CHUNK_NODES] = "nodes",
		[CHUNK_THREADS] = "threads",
		[CHUNK_SITES] = "sites",
		[CHUNK_LEAVES] = "leaves",
		[CHUNK_REGIONS] = "regions",
		[CHUNK_EPOCHS] = "epochs",
		[CHUNK_CHECKS] = "checks",
		[CHUNK_CLASSES] = "classes",
		[CHUNK_INDIRECT] = "indirect",
		[CHUNK_TEXTS] = "texts",
		[CHUNK_PATHS] = "paths",
	};

	return type < sizeof(names) / sizeof(names[0]) ? names[type] : NULL;
}
