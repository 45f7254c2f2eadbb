/*
 * Runs the model program (model.c) under the recorder and compares the image that it leaves with
 *its shadow model: every block by address, size and call path; every mapped page, and how pages are
 * joined to regions; the images of its forked children; what was not recorded. Nothing may be there
 * besides, and nothing may be missing. Called by the model_*.sh tests:
 *
 *	model_harness PRELOAD MODEL KNOB=NUMBER…
 *
 * PRELOAD is LD_PRELOAD's value, beginning with the recorder; a knob is a field of struct
 *model_log, or limit_as=, limit_data= (bytes), sample= (seconds between samples of the recorder's
 *own memory). The image is left as model.leak. Prints blocks and bytes of each call site as `site
 *NAME BLOCKS BYTES`, the samples as `own …`, and a line that begins with `counted:`.
 */
#include "analyzer/image_tables.h"
#include "analyzer/live_each.h"
#include "analyzer/memory.h"
#include "tests/torture/parts/kill_verify.h"
#include "tests/torture/parts/model_log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define IMAGE "model.leak"
#define PAGE 4096u

static struct model_log *told;
static uint64_t limit_as, limit_data, sample_seconds;
static bool flat;   /* from the middle of the run on the recorder's memory must not grow */
static bool faulty; /* the recorder is of a build whose own requests fail: there may be no image at
		       all */
static bool may_drop; /* where memory ends the recorder may have none: what it drops is counted */

static const char *const names[MODEL_FUNCTION_COUNT] = {"model_malloc", "model_malloc_other",
	"model_calloc", "model_calloc_bytes", "model_realloc_null", "model_reallocarray_null",
	"model_posix_memalign", "model_memalign", "model_aligned_alloc", "model_valloc",
	"model_pvalloc", "model_new", "model_new_array", "model_new_nothrow",
	"model_new_array_nothrow", "model_new_aligned", "model_new_array_aligned_nothrow",
	"model_realloc", "model_realloc_other", "model_reallocarray", "route_0", "route_1",
	"route_2", "route_3", "route_4", "route_5", "route_6", "route_7", "act", "act_in_handler",
	"act_in_child", "worker", "map_pages", "map_over", "remap"};

static const enum image_family families[MODEL_SITES] = {FAMILY_MALLOC, FAMILY_MALLOC, FAMILY_CALLOC,
	FAMILY_CALLOC, FAMILY_REALLOC, FAMILY_REALLOCARRAY, FAMILY_POSIX_MEMALIGN, FAMILY_MEMALIGN,
	FAMILY_ALIGNED_ALLOC, FAMILY_VALLOC, FAMILY_PVALLOC, FAMILY_NEW, FAMILY_NEW_ARRAY,
	FAMILY_NEW_NOTHROW, FAMILY_NEW_ARRAY_NOTHROW, FAMILY_NEW_ALIGNED,
	FAMILY_NEW_ARRAY_ALIGNED_NOTHROW, FAMILY_REALLOC, FAMILY_REALLOC, FAMILY_REALLOCARRAY};

static pid_t model_pid;

static _Noreturn __attribute__((format(printf, 1, 2))) void fail(const char *format, ...)
{
	va_list arguments;

	if (model_pid > 0)
		kill(model_pid, SIGKILL);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	exit(1);
}

/* ---- knobs ---- */

static const struct {
	const char *name;
	size_t offset;
} knobs[] = {
#define KNOB(name)                                                                                 \
	{                                                                                          \
#name, offsetof(struct model_log, name)                                            \
	}
	KNOB(workers),
	KNOB(lives),
	KNOB(steps),
	KNOB(seconds),
	KNOB(signals),
	KNOB(safe),
	KNOB(other),
	KNOB(forks),
	KNOB(plugins),
	KNOB(limited),
	KNOB(large),
	KNOB(pages),
	KNOB(depth),
	KNOB(pause_at),
#undef KNOB
};

static void set_knob(const char *argument)
{
	const char *equals = strchr(argument, '=');
	size_t length = equals ? (size_t)(equals - argument) : 0;
	uint64_t value = equals ? strtoull(equals + 1, NULL, 10) : 0;

	for (size_t i = 0; length && i < sizeof(knobs) / sizeof(knobs[0]); i++) {
		if (strlen(knobs[i].name) != length || strncmp(knobs[i].name, argument, length))
			continue;
		*(uint32_t *)((char *)told + knobs[i].offset) = (uint32_t)value;
		return;
	}
	if (length && strncmp(argument, "seed=", 5) == 0)
		told->seed = value;
	else if (length && strncmp(argument, "limit_as=", 9) == 0)
		limit_as = value;
	else if (length && strncmp(argument, "limit_data=", 11) == 0)
		limit_data = value;
	else if (length && strncmp(argument, "flat=", 5) == 0)
		flat = value != 0;
	else if (length && strncmp(argument, "faulty=", 7) == 0)
		faulty = value != 0;
	else if (length && strncmp(argument, "sample=", 7) == 0)
		sample_seconds = value;
	else
		fail("no such knob: %s", argument);
}

/* ---- the run ---- */

static void start(const char *preload, char *program, char *log)
{
	const struct rlimit space = {limit_as, limit_as}, data = {limit_data, limit_data};
	char *arguments[] = {program, log, NULL};

	fflush(stdout);
	model_pid = fork();
	if (model_pid < 0)
		fail("fork: %s", strerror(errno));
	if (model_pid)
		return;
	if ((limit_as && setrlimit(RLIMIT_AS, &space)) ||
		(limit_data && setrlimit(RLIMIT_DATA, &data)))
		_exit(95);
	setenv("LD_PRELOAD", preload, 1);
	setenv("LEAK_OPTIONS", "output=" IMAGE ".%p", 1);
	execv(program, arguments);
	_exit(94);
}

/* The image of a process of the run. Where its file could not be made it may be in /tmp. */
static void image_name(char ret[64], pid_t pid)
{
	snprintf(ret, 64, IMAGE ".%d", (int)pid);
	if (faulty && access(ret, F_OK) != 0)
		snprintf(ret, 64, "/tmp/leak.model.%d.leak", (int)pid);
}

static void remove_image(pid_t pid)
{
	char name[64];

	image_name(name, pid);
	unlink(name);
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

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

static void sample(double started)
{
	struct model_sample *now = &samples[sample_count];
	struct image_header header;
	char name[64];
	int fd;

	image_name(name, model_pid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (sample_count == MODEL_SAMPLES || fd < 0 || !read_there(fd, 0, &header, sizeof(header)))
		fail("no sample could be taken of %s", name);
	close(fd);
	*now = (struct model_sample){.seconds = (uint64_t)(seconds_now() - started),
		.events = atomic_load(&told->events),
		.threads = atomic_load(&told->threads),
		.image_bytes = header.used_bytes,
		.rss_bytes = resident_bytes()};
	sample_pieces(&header, now);
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

/* From the first pause to the second the image has grown by no more than a hundredth or one chunk,
 * and the rest is what a few slots take, however many threads there were. */
static void check_paused(const struct image_tables *tables)
{
	const struct model_sample *first = &samples[0], *last = &samples[sample_count - 1];
	uint64_t slots = slots_of(tables);

	if (sample_count < 2 || last->threads < first->threads * 2 - told->workers)
		fail("the recorder's memory was not measured");
	if (slots > SLOTS_MAX || last->own_bytes > slots * SLOT_BYTES + REST_BYTES ||
		last->image_bytes > image_most(first->image_bytes, first->image_bytes / 100))
		fail("after %" PRIu64 " threads the image has %" PRIu64 " bytes, after %" PRIu64
		     " %" PRIu64 "; %" PRIu64 " bytes of memory for %" PRIu64 " slots",
			first->threads, first->image_bytes, last->threads, last->image_bytes,
			last->own_bytes, slots);
	printf("%" PRIu64 " slots for %" PRIu64 " threads\n", slots, last->threads);
}

#define LONG_SECONDS                                                                               \
	600 /* after half of this each slot has met all stacks, also on a busy machine */

/* From the middle of the run on, its memory besides the image grows by no more than a hundredth, or
 * in a short run to no more than what its slots may take; and the image by no more than a tenth or
 * one chunk: it has a leaf for each 16 KiB of addresses at which blocks have been, and the allocator
 * may go on to new ones. */
static void check_flat(const struct image_tables *tables)
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

/* Waits for the model's end. */
static void watch(void)
{
	double started = seconds_now(), next = started + (double)sample_seconds;
	int status;

	while (waitpid(model_pid, &status, WNOHANG) == 0) {
		if (sample_seconds && seconds_now() >= next) {
			next += (double)sample_seconds;
			sample(started);
		}
		if (atomic_load(&told->paused) > atomic_load(&told->go)) {
			sample(started);
			atomic_store(&told->go, atomic_load(&told->paused));
		}
		usleep(10000);
	}
	if (told->wrong[0])
		fail("the program itself: %s", told->wrong);
	if (!WIFEXITED(status) || WEXITSTATUS(status) || !atomic_load(&told->done))
		fail("the program ended with status %#x", (unsigned)status);
}

/* ---- the image ---- */

struct block {
	struct image_block image;
	bool explained;
};

struct picture {
	struct image_file image;
	struct image_tables tables;
	struct block *blocks; /* by rising address */
	size_t count, capacity;
	struct image_region *regions;
	size_t region_count, region_capacity;
	uint64_t allocs, frees;
};

static void take_blocks(
	void *context, uint32_t space, const struct image_block *blocks, size_t count)
{
	struct picture *picture = context;

	(void)space;
	picture->blocks = memory_grow(picture->blocks, &picture->capacity, picture->count + count,
		sizeof(*picture->blocks));
	for (size_t i = 0; i < count; i++)
		picture->blocks[picture->count++] = (struct block){.image = blocks[i]};
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
	const struct block *one = a, *other = b;

	return one->image.address < other->image.address
		       ? -1
		       : one->image.address > other->image.address;
}

static void open_picture(struct picture *picture, pid_t pid)
{
	struct error error;
	char name[64];

	*picture = (struct picture){0};
	image_name(name, pid);
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

static void close_picture(struct picture *picture)
{
	image_tables_free(&picture->tables);
	image_close(&picture->image);
	free(picture->blocks);
	free(picture->regions);
}

static struct block *find(struct picture *picture, uint64_t address)
{
	struct block wanted = {.image.address = address};

	return picture->count ? bsearch(&wanted, picture->blocks, picture->count, sizeof(wanted),
					by_address)
			      : NULL;
}

/* The address that a frame's call is at; 0 when there is no such frame. */
static uint64_t call_of(const struct picture *picture, uint32_t node)
{
	if (node == 0 || node >= picture->tables.node_count || !picture->tables.nodes[node].ip)
		return 0;
	return (picture->tables.nodes[node].ip & IP_MASK) - 1;
}

static uint32_t outer_of(const struct picture *picture, uint32_t node)
{
	return node < picture->tables.node_count ? picture->tables.nodes[node].parent : 0;
}

/* The number of the model's function that a frame is in, -1 when it is another's. */
static int function_of(const struct picture *picture, uint32_t node)
{
	uint64_t address = call_of(picture, node);
	int found = -1;

	if (address >= told->functions_end)
		return -1;
	for (int i = 0; i < MODEL_FUNCTION_COUNT; i++)
		if (told->functions[i] <= address &&
			(found < 0 || told->functions[i] > told->functions[found]))
			found = i;
	return found;
}

/* Is this site the call path that the model has of the block? Of one that a handler made the part
 * up to the handler: what it interrupted may be anything. */
static bool is_path(const struct picture *picture, uint32_t site, const struct model_block *block)
{
	uint32_t stack = block->stack, node = outer_of(picture, site);

	if (block->caller) /* 512: the alignment of the function */
		return image_tables_family(&picture->tables, site) == FAMILY_MALLOC &&
		       call_of(picture, node) - block->caller < 512;
	if (image_tables_family(&picture->tables, site) != families[CALL_SITE(stack)] ||
		function_of(picture, node) != (int)CALL_SITE(stack))
		return false;
	node = outer_of(picture, node);
	for (uint32_t i = CALL_DEPTH(stack); i-- > 0; node = outer_of(picture, node))
		if (function_of(picture, node) != IN_ROUTE + (int)CALL_ROUTE(stack, i))
			return false;
	if (function_of(picture, node) != (int)block->root)
		return false;
	return block->root != IN_ACT || function_of(picture, outer_of(picture, node)) == IN_WORKER;
}

static void explain_path(const struct picture *picture, uint32_t node, char *at)
{
	*at = '\0';
	for (int i = 0; i < 14 && node; i++, node = outer_of(picture, node)) {
		int function = function_of(picture, node);

		at += sprintf(at, " %s", function >= 0 ? names[function] : "?");
	}
}

static uint64_t compared_blocks, compared_pages, compared_children, missing_blocks;
static uint64_t site_blocks[MODEL_SITES + 1], site_bytes[MODEL_SITES + 1];

static void check_block(struct picture *picture, const struct model_block *block)
{
	struct block *found;
	char path[512];

	if (!block->address)
		return;
	found = find(picture, block->address);
	if (!found && may_drop &&
		++missing_blocks <= picture->image.header.lost[LOST_DROPPED_EVENTS])
		return;
	if (!found)
		fail("missing in the image: block %#" PRIx64 ", %" PRIu64 " bytes, of %s",
			block->address, block->size,
			block->caller ? "a plugin" : names[CALL_SITE(block->stack)]);
	explain_path(picture, found->image.site, path);
	if (found->image.size != block->size)
		fail("block %#" PRIx64 " has %" PRIu64 " bytes, the image says %" PRIu64 ":%s",
			block->address, block->size, found->image.size, path);
	if (!is_path(picture, found->image.site, block) &&
		!(may_drop && picture->image.header.lost[LOST_TRUNCATED_STACKS]))
		fail("block %#" PRIx64 " of %s, stack %#x, has another path in the image:%s",
			block->address, block->caller ? "a plugin" : names[CALL_SITE(block->stack)],
			block->stack, path);
	if (found->explained)
		fail("block %#" PRIx64 " is in the model twice", block->address);
	found->explained = true;
	compared_blocks++;
	site_blocks[block->caller ? MODEL_SITES : CALL_SITE(block->stack)]++;
	site_bytes[block->caller ? MODEL_SITES : CALL_SITE(block->stack)] += block->size;
}

/* What the model does not know must be somebody else's: the innermost frame is not its own. */
static void check_others(struct picture *picture)
{
	char path[512];

	for (size_t i = 0; i < picture->count; i++) {
		const struct block *block = &picture->blocks[i];

		if (block->explained ||
			function_of(picture, outer_of(picture, block->image.site)) < 0)
			continue;
		explain_path(picture, block->image.site, path);
		fail("in the image, but not in the model: block %#" PRIx64 ", %" PRIu64 " bytes:%s",
			block->image.address, block->image.size, path);
	}
	if (picture->allocs - picture->frees != picture->count && !may_drop)
		fail("%" PRIu64 " allocations less %" PRIu64 " frees are not %zu blocks",
			picture->allocs, picture->frees, picture->count);
}

/* ---- pages ---- */

static int pages_by_address(const void *a, const void *b)
{
	const struct model_page *one = a, *other = b;

	return one->address < other->address ? -1 : one->address > other->address;
}

static int regions_by_address(const void *a, const void *b)
{
	const struct image_region *one = a, *other = b;

	return one->start < other->start ? -1 : one->start > other->start;
}

static bool is_of_model(const struct picture *picture, const struct image_region *region)
{
	int function = function_of(picture, outer_of(picture, region->site));

	return function == IN_MAP || function == IN_MAP_OVER || function == IN_REMAP;
}

/* Pages of one call that are next to each other are one region, and no other pages are any. */
static void check_pages(struct picture *picture)
{
	static struct model_page pages[MODEL_WORKERS * MODEL_PAGES_EACH];
	size_t count = 0, r = 0;

	for (size_t i = 0; i < MODEL_WORKERS; i++)
		for (size_t n = 0; n < MODEL_PAGES_EACH; n++)
			if (told->pages_mapped[i][n].address)
				pages[count++] = told->pages_mapped[i][n];
	qsort(pages, count, sizeof(pages[0]), pages_by_address);
	if (picture->region_count)
		qsort(picture->regions, picture->region_count, sizeof(*picture->regions),
			regions_by_address);
	for (size_t i = 0; i < count;) {
		uint64_t start = pages[i].address, end = start, call = pages[i].call;
		uint32_t function = pages[i].function;

		for (; i < count && pages[i].address == end && pages[i].call == call; i++)
			end += PAGE;
		while (r < picture->region_count && !is_of_model(picture, &picture->regions[r]))
			r++;
		if (r == picture->region_count || picture->regions[r].start != start ||
			picture->regions[r].end != end)
			fail("pages %#" PRIx64 "-%#" PRIx64 " of %s: the image has %#" PRIx64
			     "-%#" PRIx64,
				start, end, names[function],
				r < picture->region_count ? picture->regions[r].start : 0,
				r < picture->region_count ? picture->regions[r].end : 0);
		if (function_of(picture, outer_of(picture, picture->regions[r].site)) !=
			(int)function)
			fail("pages %#" PRIx64 " of %s: the image has another site", start,
				names[function]);
		r++;
		compared_pages += (end - start) / PAGE;
	}
	for (; r < picture->region_count; r++)
		if (is_of_model(picture, &picture->regions[r]))
			fail("in the image, but not in the model: pages %#" PRIx64 "-%#" PRIx64,
				picture->regions[r].start, picture->regions[r].end);
}

/* ---- children ---- */

static void check_child(const struct model_child *child)
{
	struct picture picture;
	uint64_t blocks = 0, bytes = 0, dropped;
	char name[64];

	image_name(name, child->pid);
	if (faulty && access(name, F_OK) != 0)
		return;
	open_picture(&picture, child->pid);
	if (faulty && picture.image.header.lost[LOST_NOT_STARTED]) {
		close_picture(&picture);
		return;
	}
	for (size_t i = 0; i < picture.count; i++) {
		uint32_t node = outer_of(&picture, picture.blocks[i].image.site);
		bool own = false;

		if (function_of(&picture, node) < 0)
			continue;
		for (; node && !own; node = outer_of(&picture, node))
			own = function_of(&picture, node) == IN_CHILD;
		if (!own)
			fail("child %d: block %#" PRIx64 " is not of its own", child->pid,
				picture.blocks[i].image.address);
		blocks++;
		bytes += picture.blocks[i].image.size;
	}
	dropped = may_drop ? picture.image.header.lost[LOST_DROPPED_EVENTS] : 0;
	if (blocks > child->blocks || bytes > child->bytes || child->blocks - blocks > dropped ||
		(!dropped && bytes != child->bytes))
		fail("child %d has %" PRIu64 " blocks, %" PRIu64 " bytes; its image %" PRIu64
		     ", %" PRIu64,
			child->pid, child->blocks, child->bytes, blocks, bytes);
	if (picture.image.header.lost[LOST_INHERITED_FREES] < child->inherited_frees)
		fail("child %d freed %" PRIu64 " inherited blocks; its image has %" PRIu64,
			child->pid, child->inherited_frees,
			picture.image.header.lost[LOST_INHERITED_FREES]);
	compared_children++;
	close_picture(&picture);
}

/* ---- what was not recorded ---- */

static void check_lost(const struct image_header *header)
{
	static const char *const lost_names[] = {
#define X(id, name, text) name,
		IMAGE_LOST_TABLE(X)
#undef X
	};
	uint64_t failed = atomic_load(&told->failed) + atomic_load(&told->refused);

	for (int i = 0; i < LOST_COUNT; i++) {
		/* A handler on a stack of the model's interrupts anything, also code that has no
		 * unwind information. */
		if (header->lost[i] && !may_drop && i != LOST_PARTIAL_STACKS)
			fail("%" PRIu64 " %s", header->lost[i], lost_names[i]);
		if (header->lost[i])
			printf("lost %s %" PRIu64 "\n", lost_names[i], header->lost[i]);
	}
	/* Where memory ends, libraries have allocations that fail, too: those of the exception that
	 * a nothrow operator new catches. */
	if (told->limited ? header->failed_allocs < failed : header->failed_allocs != failed)
		fail("%" PRIu64 " allocations failed, the image says %" PRIu64, failed,
			header->failed_allocs);
}

int main(int argc, char **argv)
{
	static char log[] = "model.log";
	struct picture picture;
	char name[64];
	int fd;

	if (argc < 3)
		fail("usage: model_harness PRELOAD MODEL KNOB=NUMBER…");
	fd = open(log, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, sizeof(*told)) < 0)
		fail("%s: %s", log, strerror(errno));
	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (told == MAP_FAILED)
		fail("mmap: %s", strerror(errno));
	told->seed = 1;
	told->workers = 1;
	told->steps = 10000;
	told->depth = MODEL_DEPTH_MAX;
	told->large = 2;
	told->pages = 100;
	for (int i = 3; i < argc; i++)
		set_knob(argv[i]);
	if (told->lives < told->workers)
		told->lives = told->workers;
	may_drop = limit_as != 0 || limit_data != 0 || faulty;

	start(argv[1], argv[2], log);
	watch();
	image_name(name, model_pid);
	if (faulty && access(name, F_OK) != 0) {
		printf("counted: no image\n");
		return 0;
	}
	open_picture(&picture, model_pid);
	if (faulty && picture.image.header.lost[LOST_NOT_STARTED]) {
		printf("counted: not_started\n");
		remove_image(model_pid);
		return 0;
	}
	if (flat)
		check_flat(&picture.tables);
	if (told->pause_at)
		check_paused(&picture.tables);
	check_lost(&picture.image.header);
	for (size_t i = 0; i < MODEL_BLOCKS; i++)
		check_block(&picture, &told->blocks[i]);
	for (size_t i = 0; i < MODEL_WORKERS; i++)
		for (size_t n = 0; n < MODEL_HANDLER_EACH; n++)
			check_block(&picture, &told->handler_blocks[i][n]);
	for (size_t i = 0; i < MODEL_PLUGIN_BLOCKS; i++)
		check_block(&picture, &told->plugin_blocks[i]);
	check_others(&picture);
	/* Where the recorder had no room for a mapping event, it and the image differ from then on.
	 */
	if (!picture.image.header.lost[LOST_DROPPED_REGIONS])
		check_pages(&picture);
	for (uint32_t i = 0; i < told->forks && i < MODEL_CHILDREN; i++) {
		if (told->children[i].done)
			check_child(&told->children[i]);
		if (faulty)
			remove_image(told->children[i].pid);
	}
	for (int i = 0; i <= MODEL_SITES; i++)
		if (site_blocks[i])
			printf("site %s %" PRIu64 " %" PRIu64 "\n",
				i < MODEL_SITES ? names[i] : "plugin_make", site_blocks[i],
				site_bytes[i]);
	printf("counted: seed %" PRIu64 ": %" PRIu64 " operations by %u threads, %" PRIu64
	       " allocations; %u signals handled, %u plugin rounds, %" PRIu64 " children; %" PRIu64
	       " blocks and %" PRIu64 " pages compared, %" PRIu64 " dropped and counted; %" PRIu64
	       " allocations failed, %" PRIu64 " refused\n",
		told->seed, atomic_load(&told->events), atomic_load(&told->threads), picture.allocs,
		atomic_load(&told->handled), atomic_load(&told->plugin_rounds), compared_children,
		compared_blocks, compared_pages, missing_blocks, atomic_load(&told->failed),
		atomic_load(&told->refused));
	close_picture(&picture);
	image_name(name, model_pid);
	if (rename(name, IMAGE) < 0)
		fail("rename: %s", strerror(errno));
	return 0;
}
