/*
 * An image: the validated header, the list of its chunks and their rows, wherever its bytes are.
 * Holes are skipped, so a sparse image of a killed process costs what it holds, not what it spans.
 */
#ifndef LEAK_IMAGE_FILE_H
#define LEAK_IMAGE_FILE_H

#include "error.h"
#include "image_source.h"
#include "preload/image_format.h"

#include <stdbool.h>
#include <stddef.h>

/* The next step where something is not an image. */
#define IMAGE_HINT "give a file written by libleak.so, or run `leak run -- CMD` to make one"

/* From where an image was read. */
enum image_origin {
	ORIGIN_FILE,    /* a file that libleak.so wrote, or is writing */
	ORIGIN_PROCESS, /* the same file, or memory, of a process that was named by its pid */
	ORIGIN_CORE,    /* a core file, or the image beside it */
};

struct image_file {
	char *path; /* of the image, of the core, or /proc/PID/mem */
	enum image_origin origin;
	struct image_source source;
	struct image_header header; /* strings are NUL-terminated, absent fields zero */
	uint64_t wanted_bytes;      /* what the header says is used */
	uint64_t promised_bytes; /* of an image that grows: used before its pieces were measured */
	uint64_t readable_bytes; /* of these, what is there; less: the image is truncated */
	uint64_t end;            /* nothing of the image is behind it, or is wanted */
	uint64_t address;        /* of the image in the process of the core; 0: not known */
	bool is_later;           /* than the core that it belongs to, or may be */
	bool fault_known;        /* header.fault_address is from a core: valid even when 0 */
	struct chunk_header *chunks;
	size_t chunk_count;
	char *exe, *cwd, *options; /* whole, where the header's are cut */
};

/* Checks the image in `image->source` and lists its chunks. Returns 0, or -1 with a sentence in
 * `error` that does not repeat the path. Release with image_close in both cases. */
int image_check(struct image_file *image, struct error *error);
void image_close(struct image_file *image);

/* Reads up to `size` bytes at `offset`, never beyond `end`; returns how many: fewer at a gap. */
size_t image_read(const struct image_file *image, uint64_t offset, void *buffer, size_t size);

/* How many rows of `row_size` bytes are really in the chunk: its own claim, clipped to its size,
 * to a sane `data` and to `end`. */
uint64_t image_rows(
	const struct image_file *image, const struct chunk_header *chunk, size_t row_size);

/* Calls `visit` for each row of a chunk that is not in a hole or a gap, with the row's index in
 * the chunk. The row is a copy, aligned, and gone when `visit` returns. */
void image_each_row(const struct image_file *image, const struct chunk_header *chunk,
	size_t row_size, void (*visit)(void *context, uint64_t index, const void *row),
	void *context);

/* The text of a CHUNK_TEXTS chunk, for the caller to free. */
char *image_text(const struct image_file *image, const struct chunk_header *chunk);

/* Where data begins at or after `offset`, or `end` when only a hole follows. */
uint64_t image_skip_hole(const struct image_file *image, uint64_t offset, uint64_t end);

/* The name of a chunk type ("modules"), or NULL when it is not known. */
const char *image_chunk_name(uint32_t type);

#endif
