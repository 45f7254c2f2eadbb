/*
 * Reads an image from the pieces of files that hold it. Called by image_file.c, and filled by
 * image_open.c. Knows nothing of what the bytes mean.
 */
#define _GNU_SOURCE
#include "image_source.h"

#include "memory.h"
#include "read_at.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#define FILE_OFFSET_MAX ((uint64_t)INT64_MAX) /* of off_t */

static uint64_t piece_end(const struct image_piece *piece)
{
	return piece->offset + piece->size;
}

static bool owns(const struct image_source *source, size_t before, int fd)
{
	for (size_t i = 0; i < before; i++)
		if (source->pieces[i].fd == fd)
			return true;
	return false;
}

void image_source_add(
	struct image_source *source, uint64_t offset, uint64_t size, uint64_t at, int fd)
{
	uint64_t end = image_source_end(source);
	uint64_t skip = offset < end ? end - offset : 0;

	if (size > skip && at <= FILE_OFFSET_MAX && size > FILE_OFFSET_MAX - at)
		size = FILE_OFFSET_MAX - at;
	if (size > UINT64_MAX - offset)
		size = UINT64_MAX - offset;
	if (size <= skip || at > FILE_OFFSET_MAX) {
		size = skip; /* an empty piece only keeps the descriptor */
		at = 0;
	}
	source->pieces = memory_grow(
		source->pieces, &source->capacity, source->count + 1, sizeof(*source->pieces));
	source->pieces[source->count++] = (struct image_piece){
		.offset = offset + skip, .size = size - skip, .at = at + skip, .fd = fd};
}

/* The first piece that ends above `offset`; `count` when there is none. */
static size_t piece_at(const struct image_source *source, uint64_t offset)
{
	size_t low = 0, high = source->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (piece_end(&source->pieces[middle]) <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Up to `size` bytes from inside one piece. */
static size_t read_piece(
	const struct image_piece *piece, uint64_t offset, char *buffer, size_t size)
{
	uint64_t within = offset - piece->offset;

	if (size > piece->size - within)
		size = piece->size - within;
	return read_at(piece->fd, buffer, size, piece->at + within);
}

size_t image_source_read(
	const struct image_source *source, uint64_t offset, void *buffer, size_t size)
{
	size_t done = 0;

	for (size_t i = piece_at(source, offset); i < source->count && done < size; i++) {
		const struct image_piece *piece = &source->pieces[i];
		if (piece->offset > offset + done)
			break;
		size_t want = size - done;
		size_t got = read_piece(piece, offset + done, (char *)buffer + done, want);
		done += got;
		if (got < want && offset + done < piece_end(piece))
			break;
	}
	return done;
}

/* Where data begins in a piece at or after `offset`, or its end. */
static uint64_t skip_in_piece(const struct image_piece *piece, uint64_t offset)
{
	uint64_t at = piece->at + (offset - piece->offset);
	off_t data = lseek(piece->fd, (off_t)at, SEEK_DATA);

	if (data < 0) /* ENXIO: a hole up to the end of the file; else not to be had */
		return errno == ENXIO ? piece_end(piece) : offset;
	if ((uint64_t)data <= at)
		return offset;
	return (uint64_t)data - at >= piece_end(piece) - offset ? piece_end(piece)
								: offset + ((uint64_t)data - at);
}

uint64_t image_source_skip_hole(const struct image_source *source, uint64_t offset, uint64_t end)
{
	for (size_t i = piece_at(source, offset); i < source->count && offset < end; i++) {
		const struct image_piece *piece = &source->pieces[i];
		if (piece->offset > offset)
			offset = piece->offset;
		offset = skip_in_piece(piece, offset);
		if (offset < piece_end(piece))
			return offset < end ? offset : end;
	}
	return end;
}

uint64_t image_source_held(const struct image_source *source, uint64_t end)
{
	uint64_t held = 0;

	for (size_t i = 0; i < source->count; i++) {
		const struct image_piece *piece = &source->pieces[i];
		if (piece->offset >= end)
			break;
		held += piece_end(piece) < end ? piece->size : end - piece->offset;
	}
	return held;
}

uint64_t image_source_end(const struct image_source *source)
{
	return source->count ? piece_end(&source->pieces[source->count - 1]) : 0;
}

void image_source_close(struct image_source *source)
{
	for (size_t i = 0; i < source->count; i++)
		if (!owns(source, i, source->pieces[i].fd))
			close(source->pieces[i].fd);
	free(source->pieces);
	*source = (struct image_source){0};
}
