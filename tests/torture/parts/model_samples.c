#include "tests/torture/parts/model_samples.h"
#include "tests/torture/parts/model_run.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

static bool read_there(int fd, uint64_t at, void *ret, size_t size)
{
	return pread(fd, ret, size, (off_t)at) == (ssize_t)size;
}

/* The recorder's anonymous memory, piece by piece: its list is in the process. */
static void sample_pieces(const struct image_header *header, struct model_sample *ret)
{
	char path[64];
	struct image_own_page page;
	int memory, pages;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)model_pid);
	memory = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)model_pid);
	pages = open(path, O_RDONLY | O_CLOEXEC);
	for (uint64_t at = header->own_pieces; at && memory >= 0; at = page.next) {
		if (!read_there(memory, at, &page, sizeof(page)))
			break;
		for (unsigned i = 0; i < IMAGE_OWN_PIECES; i++) {
			uint64_t start = page.pieces[i].start, end = page.pieces[i].end, entry;

			if (!end)
				continue;
			ret->own_bytes += end - start;
			for (uint64_t p = start / PAGE; p < end / PAGE && pages >= 0; p++)
				if (read_there(pages, p * 8, &entry, 8) && entry >> 63)
					ret->own_resident += PAGE;
		}
	}
	close(memory);
	close(pages);
}

static uint64_t resident_bytes(void)
{
	char path[64];
	unsigned long size, resident = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)model_pid);
	file = fopen(path, "r");
	if (file && fscanf(file, "%lu %lu", &size, &resident) != 2)
		resident = 0;
	if (file)
		fclose(file);
	return (uint64_t)resident * PAGE;
}

static struct model_sample samples[MODEL_SAMPLES];
static size_t sample_count;

void samples_take(uint64_t seconds)
{
	struct model_sample *now = &samples[sample_count];
	struct image_header header;
	char name[IMAGE_NAME];
	int fd;

	image_name(name, model_pid, 0);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (sample_count == MODEL_SAMPLES || fd < 0 || !read_there(fd, 0, &header, sizeof(header)))
		fail("no sample could be taken of %s", name);
	close(fd);
	*now = (struct model_sample){.seconds = seconds,
		.events = atomic_load(&told->events),
		.threads = atomic_load(&told->threads),
		.image_bytes = header.used_bytes,
		.rss_bytes = resident_bytes()};
	sample_pieces(&header, now);
	/* What the check at the end adds, and a process that is gone, say nothing of a run. */
	if (atomic_load(&told->done))
		return;
	if (!now->own_bytes)
		fail("the recorder's memory in process %d could not be read", (int)model_pid);
	sample_count++;
	printf("own %" PRIu64 " s %" PRIu64 " events %" PRIu64 " threads %" PRIu64 " image %" PRIu64
	       " own %" PRIu64 " resident %" PRIu64 " rss\n",
		now->seconds, now->events, now->threads, now->image_bytes, now->own_bytes,
		now->own_resident, now->rss_bytes);
	fflush(stdout);
}

/* What one thread's slot takes at the most, and the rest: the walk's buffers, the table of tips
 * when a thread has missed it often. A slot is used again when its thread is gone. */
#define SLOT_BYTES (1u << 20)
#define REST_BYTES (16u << 20)
#define SLOTS_MAX 128

static uint64_t slots_of(const struct image_tables *tables)
{
	uint64_t slots = 0;

	for (size_t i = 0; i < tables->thread_count; i++)
		slots += tables->threads[i].state != 0;
	return slots;
}

/* Leaves come by chunks of at most this size (LEAVES_MAX in preload/live.c). */
#define CHUNK_BYTES (2u << 20)

/* How large an image of `bytes` may become that grows by a part of itself, or by one chunk. */
static uint64_t image_most(uint64_t bytes, uint64_t part)
{
	return bytes + (part > CHUNK_BYTES ? part : CHUNK_BYTES);
}

void samples_check_paused(const struct image_tables *tables)
{
	const struct model_sample *first = &samples[0], *last = &samples[sample_count - 1];
	uint64_t slots = slots_of(tables), image_bytes = first->image_bytes;

	/* Each slot has rows of its own in the image, and on a busy machine some come late. */
	if (last->own_bytes > first->own_bytes)
		image_bytes = image_bytes * last->own_bytes / first->own_bytes;
	if (sample_count < 2 || last->threads < first->threads * 2 - told->workers)
		fail("the recorder's memory was not measured");
	if (slots > SLOTS_MAX || last->own_bytes > slots * SLOT_BYTES + REST_BYTES ||
		last->image_bytes > image_most(image_bytes, image_bytes / 100))
		fail("after %" PRIu64 " threads the image has %" PRIu64 " bytes, after %" PRIu64
		     " %" PRIu64 "; %" PRIu64 " bytes of memory for %" PRIu64 " slots",
			first->threads, first->image_bytes, last->threads, last->image_bytes,
			last->own_bytes, slots);
	printf("%" PRIu64 " slots for %" PRIu64 " threads\n", slots, last->threads);
}

/* After half of this each slot has met all stacks, also on a busy machine. */
#define LONG_SECONDS 600

void samples_check_flat(const struct image_tables *tables)
{
	const struct model_sample *middle = &samples[sample_count / 2],
				  *last = &samples[sample_count - 1];
	uint64_t own_most = middle->own_bytes + middle->own_bytes / 100, slots = slots_of(tables);

	if (sample_count < 4)
		fail("the recorder's memory was not measured");
	printf("flat: image %" PRIu64 " bytes after %" PRIu64 " s, %" PRIu64 " after %" PRIu64
	       " s; other memory %" PRIu64 " and %" PRIu64 " (%" PRIu64 " slots); %" PRIu64
	       " and %" PRIu64 " events\n",
		middle->image_bytes, middle->seconds, last->image_bytes, last->seconds,
		middle->own_bytes, last->own_bytes, slots, middle->events, last->events);
	if (told->seconds < LONG_SECONDS && own_most < slots * SLOT_BYTES + REST_BYTES)
		own_most = slots * SLOT_BYTES + REST_BYTES;
	if (slots > SLOTS_MAX || last->own_bytes > own_most ||
		last->image_bytes > image_most(middle->image_bytes, middle->image_bytes / 10))
		fail("the recorder's memory grows");
}
