/*
 * Copies the image of a running process. Called by cmd_snap.c. Its rows refer to each other, and it
 * changes while it is read: so what refers is copied before what it refers to. A block that is in
 * the copy has its whole stack there, and each frame its module. What was made after the copying
 * began may be left out. The blocks themselves are those of a short while, not of one instant: the
 * process is not stopped.
 */
#define _GNU_SOURCE
#include "image_copy.h"

#include "image_open.h"
#include "memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BATCH (1u << 20)

/* The order in which chunks are copied. */
enum pass { PASS_BLOCKS, PASS_COUNTERS, PASS_STACKS, PASS_MODULES, PASS_COUNT };

static enum pass pass_of(const struct chunk_header *chunk)
{
	switch (chunk->type) {
	case CHUNK_LEAVES:
	case CHUNK_REGIONS:
		return PASS_BLOCKS;
	case CHUNK_NODES:
		return PASS_STACKS;
	case CHUNK_MODULES:
		return PASS_MODULES;
	default:
		return PASS_COUNTERS;
	}
}

static int write_all(int fd, const char *buffer, size_t size, uint64_t offset, struct error *error)
{
	for (size_t done = 0; done < size;) {
		ssize_t put = pwrite(fd, buffer + done, size - done, (off_t)(offset + done));
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return error_set(error, "the snapshot could not be written: %s",
				put < 0 ? strerror(errno) : "no room");
		done += (size_t)put;
	}
	return 0;
}

static bool is_zero(const char *page, size_t size)
{
	return page[0] == 0 && memcmp(page, page + 1, size - 1) == 0;
}

/* Writes the pages that hold something. */
static int write_pages(
	int fd, const char *buffer, size_t size, uint64_t offset, struct error *error)
{
	for (size_t at = 0; at < size;) {
		size_t end = at;
		while (end < size) {
			size_t page = size - end < IMAGE_PAGE ? size - end : IMAGE_PAGE;
			if (is_zero(buffer + end, page))
				break;
			end += page;
		}
		if (end > at && write_all(fd, buffer + at, end - at, offset + at, error) < 0)
			return -1;
		at = end + IMAGE_PAGE;
	}
	return 0;
}

static int copy_range(const struct image_file *image, uint64_t at, uint64_t end, int fd,
	char *buffer, struct error *error)
{
	if (end > image->end)
		end = image->end;
	while (at < end && (at = image_skip_hole(image, at, end)) < end) {
		at &= ~(uint64_t)(IMAGE_PAGE - 1);
		size_t size = image_read(image, at, buffer, end - at < BATCH ? end - at : BATCH);
		if (size == 0) { /* it cannot be read there */
			at += IMAGE_PAGE;
			continue;
		}
		if (write_pages(fd, buffer, size, at, error) < 0)
			return -1;
		at += (size + IMAGE_PAGE - 1) & ~(uint64_t)(IMAGE_PAGE - 1);
	}
	return 0;
}

static int copy_pass(
	const struct image_file *image, enum pass pass, int fd, char *buffer, struct error *error)
{
	for (size_t i = 0; i < image->chunk_count; i++) {
		const struct chunk_header *chunk = &image->chunks[i];
		if (pass_of(chunk) == pass &&
			copy_range(image, chunk->offset, chunk->offset + chunk->size, fd, buffer,
				error) < 0)
			return -1;
	}
	return 0;
}

static uint64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static bool same_process(const struct image_header *one, const struct image_header *other)
{
	return one->pid == other->pid && one->start_realtime_ns == other->start_realtime_ns;
}

/* The image as it is now: it may have grown. When the process has ended meanwhile, its pid is
 * nobody's, or another's: then what was opened first has to do. */
static const struct image_file *open_again(
	struct image_file *image, const char *name, const struct image_file *first)
{
	struct error error;

	if (image_open(image, name, NULL, &error) == 0 &&
		same_process(&image->header, &first->header))
		return image;
	return first;
}

/* The first page, last: what the copy holds is known then. */
static int write_header(const struct image_file *image, const struct image_header *mark, int fd,
	struct error *error)
{
	char page[IMAGE_PAGE] = "";
	struct image_header header = image->header; /* of an older writer: zero where it has less */

	image_read(image, 0, page, sizeof(page));
	header.state = IMAGE_RUNNING; /* as when it began, also if the process has ended by now */
	header.exit_status = header.signal = 0;
	header.fault_address = 0;
	header.end_monotonic_ns = mark->end_monotonic_ns;
	header.snapshot_realtime_ns = mark->snapshot_realtime_ns;
	memcpy(header.snapshot_label, mark->snapshot_label, sizeof(header.snapshot_label));
	if (header.header_size < sizeof(header))
		header.header_size = sizeof(header);
	memcpy(page, &header, sizeof(header));
	return write_all(fd, page, sizeof(page), 0, error);
}

int image_copy(struct image_copy *copy, const struct image_file *first, int fd, struct error *error)
{
	struct image_header mark = {0};
	const struct image_file *image = first;
	struct image_file again = {0};
	char *buffer = memory_zero(BATCH, 1);
	int result = 0;

	strncpy(mark.snapshot_label, copy->label, sizeof(mark.snapshot_label) - 1);
	for (enum pass pass = 0; result == 0 && pass < PASS_COUNT; pass++) {
		if (pass > 0) {
			image_close(&again);
			image = open_again(&again, copy->name, first);
		}
		result = copy_pass(image, pass, fd, buffer, error);
		if (pass > 0)
			continue;
		mark.end_monotonic_ns = now_ns(CLOCK_MONOTONIC);
		mark.snapshot_realtime_ns = now_ns(CLOCK_REALTIME);
	}
	if (result == 0)
		result = write_header(image, &mark, fd, error);
	/* Its length is what there is of it: a reader must not take what is missing for holes. */
	if (result == 0 && ftruncate(fd, (off_t)image->end) < 0)
		result = error_set(error, "the snapshot could not be written: %s", strerror(errno));
	copy->truncated = image->readable_bytes < image->wanted_bytes;
	image_close(&again);
	free(buffer);
	return result;
}
