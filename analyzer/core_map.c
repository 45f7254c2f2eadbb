/*
 * Sorts the address space of a core into kinds, as pmap would tell them. Called by load_core.c. A
 * core has no names for anonymous memory: stacks are told by the threads' registers, zeroed data by
 * the ELF headers, the recorder's tables by what they begin with; heaps are marked by core_heap.c.
 * What is left is anonymous. Stacks that a program made for itself, for coroutines or signal
 * handlers, are anonymous memory here, or part of the heap that they were taken from.
 */
#include "core_map.h"

#include "memory.h"
#include "preload/image_format.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* glibc has a thread's descriptor at the end of its stack; it is larger than this. */
#define DESCRIPTOR_LEAST 0x700u

/* So near to a stack's end an access is an overflow of it: the kernel leaves a gap of 1 MiB. */
#define STACK_GAP (1u << 20)

#define NULL_PAGE 0x10000u /* vm.mmap_min_addr: nothing is ever mapped below */

static uint64_t page_up(uint64_t address)
{
	return (address + 4095) & ~(uint64_t)4095;
}

static int compare_ranges(const void *a, const void *b)
{
	const struct core_range *one = a, *other = b;

	return one->start < other->start ? -1 : one->start > other->start;
}

static void add(struct core_map *map, const struct core_range *range)
{
	map->ranges = memory_grow(map->ranges, &map->capacity, map->count + 1, sizeof(*range));
	map->ranges[map->count++] = *range;
}

/* How much of [start, end) lies in the first `size` bytes from `base` on. */
static uint64_t overlap(uint64_t start, uint64_t end, uint64_t base, uint64_t size)
{
	uint64_t limit = base + size;

	if (end > limit)
		end = limit;
	return end > start ? end - start : 0;
}

/* The parts of a segment, each of one file or of none. `mapping` is the first that may touch it. */
static void add_segment(struct core_map *map, const struct core_file *core,
	const struct core_segment *segment, size_t *mapping)
{
	const uint64_t end = segment->start + segment->size;

	for (uint64_t at = segment->start, next; at < end; at = next) {
		while (*mapping < core->mapping_count && core->mappings[*mapping].end <= at)
			++*mapping;
		const struct core_mapping *file =
			*mapping < core->mapping_count ? &core->mappings[*mapping] : NULL;
		bool inside = file && file->start <= at;
		next = file == NULL ? end : inside ? file->end : file->start;
		if (next > end)
			next = end;
		add(map, &(struct core_range){.start = at,
				 .end = next,
				 .kept = overlap(at, next, segment->start, segment->kept),
				 .held = overlap(at, next, segment->start, segment->held),
				 .readable = segment->readable,
				 .writable = segment->writable,
				 .executable = segment->executable,
				 .path = inside ? file->path : NULL});
	}
}

/* The parts of a mapping that are in no segment: gcore leaves out what it does not write. */
static void add_mapping(struct core_map *map, const struct core_file *core,
	const struct core_mapping *mapping, size_t *segment)
{
	for (uint64_t at = mapping->start; at < mapping->end;) {
		while (*segment < core->segment_count &&
			core->segments[*segment].start + core->segments[*segment].size <= at)
			++*segment;
		const struct core_segment *next =
			*segment < core->segment_count ? &core->segments[*segment] : NULL;
		if (next && next->start <= at) {
			at = next->start + next->size;
			continue;
		}
		uint64_t end = next && next->start < mapping->end ? next->start : mapping->end;
		add(map, &(struct core_range){
				 .start = at, .end = end, .readable = true, .path = mapping->path});
		at = end;
	}
}

static void list_ranges(struct core_map *map, const struct core_file *core)
{
	size_t mapping = 0, segment = 0;

	for (size_t i = 0; i < core->segment_count; i++)
		add_segment(map, core, &core->segments[i], &mapping);
	for (size_t i = 0; i < core->mapping_count; i++)
		add_mapping(map, core, &core->mappings[i], &segment);
	if (map->count)
		qsort(map->ranges, map->count, sizeof(*map->ranges), compare_ranges);
	/* Only a hostile core has mappings that overlap. */
	for (size_t i = 0; i + 1 < map->count; i++) {
		struct core_range *range = &map->ranges[i];
		if (range->end <= range[1].start)
			continue;
		range->end = range[1].start;
		range->kept = overlap(range->start, range->end, range->start, range->kept);
		range->held = overlap(range->start, range->end, range->start, range->held);
	}
}

/* Cuts anonymous memory where a module's zeroed data ends: without address randomization the heap
 * follows in the same mapping. */
static void end_modules(struct core_map *map, const struct core_modules *modules)
{
	for (size_t i = 0; i < modules->count; i++) {
		const uint64_t end = modules->all[i].end;
		const struct core_range *range = core_map_at(map, end - 1);
		if (range && range->path == NULL && range->end > end)
			core_map_mark(map, end, range->end, MAP_ANONYMOUS, 0);
	}
	core_map_apply(map);
}

/* ---- kinds ---- */

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length >= tail && strcmp(text + length - tail, end) == 0;
}

static bool is_shared_memory(const char *path)
{
	static const char *const starts[] = {"/dev/shm/", "/SYSV", "/memfd:", "/dev/zero"};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (strncmp(path, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

static bool begins_image(const struct core_file *core, const struct core_range *range)
{
	uint64_t magic;

	return range->writable &&
	       core_file_read(core, range->start, &magic, sizeof(magic)) == sizeof(magic) &&
	       magic == IMAGE_MAGIC;
}

static enum map_kind module_kind(const struct core_module *module, const struct core_range *range)
{
	if (module->path[0] == '[')
		return MAP_KERNEL;
	if (module->executable)
		return MAP_EXECUTABLE;
	return range->writable ? MAP_LIBRARY_DATA : MAP_LIBRARY_CODE;
}

static enum map_kind kind_of(const struct core_range *range, const struct core_file *core,
	const struct core_modules *modules, const char *image)
{
	const struct core_module *module = core_modules_at(modules, range->start);

	if (begins_image(core, range) ||
		(range->path && ((image && strcmp(range->path, image) == 0) ||
					ends_with(range->path, ".leak"))))
		return MAP_RECORDER;
	if (range->path && module && strcmp(module->path, range->path) == 0)
		return module_kind(module, range);
	if (range->path)
		return is_shared_memory(range->path) ? MAP_SHARED : MAP_FILE;
	if (module && (range->readable || module->path[0] == '['))
		return module_kind(module, range);
	if (range->start >> 63) /* the page of vsyscalls */
		return MAP_KERNEL;
	if (!range->readable && !range->writable && !range->executable)
		return MAP_RESERVED;
	return range->executable ? MAP_GENERATED_CODE : MAP_ANONYMOUS;
}

/* The kernel's data lies directly below its library, and nobody can write it. */
static void find_kernel_data(struct core_map *map)
{
	for (size_t i = map->count; i-- > 1;) {
		struct core_range *below = &map->ranges[i - 1];
		if (map->ranges[i].kind == MAP_KERNEL && below->kind == MAP_ANONYMOUS &&
			below->end == map->ranges[i].start && !below->writable)
			below->kind = MAP_KERNEL;
	}
}

/* ---- stacks ---- */

static const struct core_thread *main_thread(const struct core_file *core)
{
	for (size_t i = 0; i < core->thread_count; i++)
		if (core->threads[i].tid == core->pid)
			return &core->threads[i];
	return NULL;
}

/* The kernel puts it above everything else that can be written. */
static void mark_main_stack(struct core_map *map, const struct core_file *core)
{
	for (size_t i = map->count; i-- > 0;) {
		const struct core_range *range = &map->ranges[i];
		const struct core_thread *thread = main_thread(core);
		if (!range->writable || range->kind == MAP_KERNEL)
			continue;
		if (range->kind == MAP_ANONYMOUS)
			core_map_mark(map, range->start, range->end, MAP_MAIN_STACK,
				thread ? thread->tid : 0);
		return;
	}
}

static int compare_places(const void *a, const void *b)
{
	const struct core_thread *one = *(const struct core_thread *const *)a,
				 *other = *(const struct core_thread *const *)b;

	return one->thread_pointer < other->thread_pointer
		       ? -1
		       : one->thread_pointer > other->thread_pointer;
}

/* The stack whose end a thread's descriptor marks, or else the one that its pointer is in. `above`
 * is where the last stack ended: without guards several lie in one range. */
static void mark_stack(struct core_map *map, const struct core_thread *thread, uint64_t *above)
{
	const struct core_range *range = core_map_at(map, thread->thread_pointer);
	uint64_t start, end;

	if (thread->thread_pointer == 0 || range == NULL || range->kind != MAP_ANONYMOUS) {
		range = core_map_at(map, thread->sp);
		if (thread->sp && range && range->kind == MAP_ANONYMOUS)
			core_map_mark(map, range->start, range->end, MAP_THREAD_STACK, thread->tid);
		return;
	}
	end = page_up(thread->thread_pointer + DESCRIPTOR_LEAST);
	if (end > range->end)
		end = range->end;
	start = *above > range->start ? *above : range->start;
	if (start >= end)
		return;
	core_map_mark(map, start, end, MAP_THREAD_STACK, thread->tid);
	*above = end;
	/* The guard below. */
	range = core_map_at(map, start - 1);
	if (range)
		core_map_mark_reserved(map, range->start, start);
}

static void mark_stacks(struct core_map *map, const struct core_file *core)
{
	const struct core_thread *main = main_thread(core);
	const struct core_thread **threads =
		memory_zero(core->thread_count, sizeof(struct core_thread *));
	uint64_t above = 0;

	mark_main_stack(map, core);
	for (size_t i = 0; i < core->thread_count; i++)
		threads[i] = &core->threads[i];
	if (core->thread_count)
		qsort(threads, core->thread_count, sizeof(struct core_thread *), compare_places);
	for (size_t i = 0; i < core->thread_count; i++)
		if (threads[i] != main)
			mark_stack(map, threads[i], &above);
	free(threads);
}

/* ---- what others call ---- */

void core_map_make(struct core_map *map, const struct core_file *core,
	const struct core_modules *modules, const char *image)
{
	*map = (struct core_map){0};
	list_ranges(map, core);
	end_modules(map, modules);
	for (size_t i = 0; i < map->count; i++)
		map->ranges[i].kind = kind_of(&map->ranges[i], core, modules, image);
	find_kernel_data(map);
	mark_stacks(map, core);
	core_map_apply(map);
}

void core_map_free(struct core_map *map)
{
	free(map->ranges);
	free(map->marks);
	*map = (struct core_map){0};
}

void core_map_mark(struct core_map *map, uint64_t start, uint64_t end, enum map_kind kind, int tid)
{
	if (start >= end)
		return;
	map->marks = memory_grow(
		map->marks, &map->mark_capacity, map->mark_count + 1, sizeof(*map->marks));
	map->marks[map->mark_count++] =
		(struct core_range){.start = start, .end = end, .kind = kind, .tid = tid};
}

void core_map_mark_reserved(struct core_map *map, uint64_t start, uint64_t end)
{
	const struct core_range *range = core_map_at(map, start);

	if (range && range->kind == MAP_ANONYMOUS && !range->writable && !range->executable)
		core_map_mark(map, start, end < range->end ? end : range->end, MAP_RESERVED, 0);
}

/* The part [start, end) of a range. */
static void add_part(
	struct core_map *map, const struct core_range *range, uint64_t start, uint64_t end)
{
	struct core_range part = *range;

	part.start = start;
	part.end = end;
	part.kept = overlap(start, end, range->start, range->kept);
	part.held = overlap(start, end, range->start, range->held);
	add(map, &part);
}

void core_map_apply(struct core_map *map)
{
	struct core_map old = *map;
	size_t next = 0;

	map->ranges = NULL;
	map->count = map->capacity = 0;
	if (old.mark_count)
		qsort(old.marks, old.mark_count, sizeof(*old.marks), compare_ranges);
	for (size_t i = 0; i < old.count; i++) {
		const struct core_range *range = &old.ranges[i];
		uint64_t at = range->start;
		while (at < range->end) {
			while (next < old.mark_count && old.marks[next].end <= at)
				next++;
			const struct core_range *mark =
				next < old.mark_count && old.marks[next].start < range->end
					? &old.marks[next]
					: NULL;
			if (mark == NULL || mark->start > at) {
				uint64_t end = mark ? mark->start : range->end;
				add_part(map, range, at, end);
				at = end;
				continue;
			}
			uint64_t end = mark->end < range->end ? mark->end : range->end;
			add_part(map, range, at, end);
			map->ranges[map->count - 1].kind = mark->kind;
			map->ranges[map->count - 1].tid = mark->tid;
			at = end;
		}
	}
	free(old.ranges);
	map->mark_count = 0;
}

/* How many ranges start at or below an address. */
static size_t count_up_to(const struct core_map *map, uint64_t address)
{
	size_t low = 0, high = map->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (map->ranges[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct core_range *core_map_at(const struct core_map *map, uint64_t address)
{
	size_t count = count_up_to(map, address);

	return count && address < map->ranges[count - 1].end ? &map->ranges[count - 1] : NULL;
}

void core_map_sum(const struct core_map *map, struct map_row rows[MAP_KIND_COUNT])
{
	memset(rows, 0, MAP_KIND_COUNT * sizeof(*rows));
	for (size_t i = 0; i < map->count; i++) {
		const struct core_range *range = &map->ranges[i];
		struct map_row *row = &rows[range->kind];
		row->mapped.bytes += range->end - range->start;
		row->mapped.blocks++;
		row->kept_bytes += range->kept;
		row->held_bytes += range->held;
	}
}

/* ---- what lies at an address ---- */

static void name_range(const struct core_range *range, char *room, size_t size)
{
	if (range->kind == MAP_MAIN_STACK)
		snprintf(room, size, "the main thread's stack");
	else if (range->kind == MAP_THREAD_STACK)
		snprintf(room, size, "the stack of thread %d", range->tid);
	else if (range->path)
		snprintf(room, size, "%s", range->path);
	else
		snprintf(room, size, "%s", map_kind_words[range->kind]);
}

static const char *permissions(const struct core_range *range)
{
	static const char *const words[] = {"which nobody may touch", "which may only be run",
		"which may only be written", "which may only be written and run",
		"which may only be read", "which may only be read and run",
		"which may only be read and written", "which may be read, written and run"};

	return words[range->readable * 4 + range->writable * 2 + range->executable];
}

/* An access right below a stack by a thread that stands at its end. */
static bool is_overflow(const struct core_range *above, uint64_t address, uint64_t sp)
{
	return above && (above->kind == MAP_MAIN_STACK || above->kind == MAP_THREAD_STACK) &&
	       above->start - address <= STACK_GAP && sp < above->start + STACK_GAP / 16 &&
	       sp + STACK_GAP > above->start;
}

void core_map_describe(
	const struct core_map *map, uint64_t address, uint64_t sp, char *room, size_t size)
{
	size_t count = count_up_to(map, address);
	const struct core_range *below = count ? &map->ranges[count - 1] : NULL;
	const struct core_range *above = count < map->count ? &map->ranges[count] : NULL;
	const struct core_range *at = below && address < below->end ? below : NULL;
	char name[400], other[400], distance[2][TEXT_SMALL];

	if (above && (at == NULL || at->kind == MAP_RESERVED) && is_overflow(above, address, sp)) {
		name_range(above, name, sizeof(name));
		snprintf(room, size, "%s bytes below %s: that stack is full",
			text_count(distance[0], above->start - address), name);
		return;
	}
	if (at) {
		name_range(at, name, sizeof(name));
		snprintf(room, size, "in %s, %s", name, permissions(at));
		return;
	}
	if (address < NULL_PAGE) {
		snprintf(room, size, address ? "a null pointer and %s more" : "a null pointer",
			text_bytes(distance[0], address));
		return;
	}
	other[0] = name[0] = '\0';
	if (below)
		name_range(below, name, sizeof(name));
	if (above)
		name_range(above, other, sizeof(other));
	if (below && (above == NULL || address - below->end <= above->start - address))
		snprintf(room, size, "not mapped, %s behind %s",
			text_bytes(distance[0], address - below->end + 1), name);
	else if (above)
		snprintf(room, size, "not mapped, %s before %s",
			text_bytes(distance[0], above->start - address), other);
	else
		snprintf(room, size, "not mapped");
}
