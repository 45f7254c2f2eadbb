/*
 * Where the bytes of an image are: pieces of one or several files. An image file is one piece. The
 * image in a core file, or in the memory of a process, is one or several, with gaps where nothing
 * was kept. Everything is read with pread, never mapped: a file that shrinks under us is a short
 * read and not a SIGBUS.
 */
#ifndef LEAK_IMAGE_SOURCE_H
#define LEAK_IMAGE_SOURCE_H

#include <stddef.h>
#include <stdint.h>

struct image_piece {
	uint64_t offset; /* in the image; pieces are sorted by it and do not overlap */
	uint64_t size;   /* bytes; offset + size does not overflow */
	uint64_t at;     /* where it begins in its file; at + size does not overflow */
	int fd;
};

struct image_source {
	struct image_piece *pieces;
	size_t count, capacity;
};

/* Adds a piece behind the others, and takes over `fd`; several pieces may share one. One that
 * begins before the end of the last, is empty, or overflows, is clipped or left out. */
void image_source_add(
	struct image_source *source, uint64_t offset, uint64_t size, uint64_t at, int fd);

/* Reads up to `size` bytes at `offset` of the image, up to the next gap; returns how many. */
size_t image_source_read(
	const struct image_source *source, uint64_t offset, void *buffer, size_t size);

/* Where data begins at or after `offset`, or `end` when only gaps and holes of files follow. */
uint64_t image_source_skip_hole(const struct image_source *source, uint64_t offset, uint64_t end);

/* How many bytes of [0, end) there are, holes of files included. */
uint64_t image_source_held(const struct image_source *source, uint64_t end);

/* The end of the last piece. */
uint64_t image_source_end(const struct image_source *source);

/* Closes the descriptors and releases the list. */
void image_source_close(struct image_source *source);

#endif
