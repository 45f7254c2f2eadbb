/*
 * Tells the sorts of mappings that matter to a check, see core_maps.h. Called by core_check.c. The
 * kernel writes the whole of a private mapping if anything was ever written there, and nothing of
 * it otherwise. So what it left out is zeros, or as in the file, unless its filter
 * (/proc/PID/coredump_filter) was set to leave out all memory of that kind: then the stacks of the
 * threads are missing, too. Shared memory is all there or left out.
 *
 * What a program has excluded by madvise(MADV_DONTDUMP) looks like what was never written to.
 */
#include "core_maps.h"

#include "memory.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

#define ADDRESSES (1ull << 48) /* of user space, on the machine that has the most */

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static enum map_sort sort_of(const struct core_range *range)
{
	if (range->kind == MAP_KERNEL || range->kind == MAP_RECORDER)
		return SORT_SYSTEM;
	if (range->kind == MAP_MAIN_STACK)
		return SORT_STACK;
	if (range->path == NULL)
		return SORT_ANON;
	if (range->kind == MAP_SHARED)
		return SORT_SHARED;
	return begins(range->path, "/dev/") || begins(range->path, "anon_inode:") ? SORT_DEVICE
										  : SORT_COPIED;
}

/* Was ordinary memory to be in the core? */
static bool has_ordinary(const struct core_file *core)
{
	bool any = false;

	for (size_t i = 0; i < core->thread_count; i++) {
		const struct core_segment *stack = core_file_segment(core, core->threads[i].sp);
		if (stack && stack->kept)
			return true;
		any = any || stack;
	}
	return !any;
}

static enum core_lack lack_of(const struct map *row, bool ordinary)
{
	switch (row->sort) {
	case SORT_COPIED:
	case SORT_SYSTEM:
	case SORT_DEVICE:
		return LACK_FILE;
	case SORT_SHARED:
		return LACK_KEPT;
	default:
		return ordinary ? LACK_ZEROS : LACK_KEPT;
	}
}

/* Whether the range goes on where the row ends, as one mapping: core_map.c cuts at stacks. */
static bool is_one(const struct map *row, const struct core_range *last, const struct map *next,
	const struct core_range *range, const struct core_file *core)
{
	const struct core_segment *segment = core_file_segment(core, last->start);

	return row->end == next->start && row->sort == next->sort && last->path == range->path &&
	       row->readable == next->readable && row->writable == next->writable &&
	       row->executable == next->executable && segment &&
	       segment == core_file_segment(core, range->start) &&
	       (last->kind == MAP_EXECUTABLE) == (range->kind == MAP_EXECUTABLE);
}

void core_maps_make(
	struct core_maps *maps, const struct core_file *core, const struct core_map *map)
{
	bool ordinary = has_ordinary(core);

	*maps = (struct core_maps){.rows = memory_zero(map->count, sizeof(*maps->rows)),
		.lacks = memory_zero(map->count, sizeof(*maps->lacks))};
	for (size_t i = 0; i < map->count; i++) {
		const struct core_range *range = &map->ranges[i];
		struct map row = {.start = range->start,
			.end = range->end < ADDRESSES ? range->end : ADDRESSES,
			.held_end = range->start + range->held,
			.sort = sort_of(range),
			.readable = range->readable,
			.writable = range->writable,
			.executable = range->executable};
		if (row.start >= row.end)
			continue;
		struct map *last = maps->count ? &maps->rows[maps->count - 1] : NULL;
		if (last && i && is_one(last, range - 1, &row, range, core)) {
			last->end = row.end;
			if (range->held)
				last->held_end = row.held_end;
			continue;
		}
		maps->lacks[maps->count] = lack_of(&row, ordinary);
		maps->rows[maps->count++] = row;
	}
}

void core_maps_free(struct core_maps *maps)
{
	free(maps->rows);
	free(maps->lacks);
	*maps = (struct core_maps){0};
}

const struct map *core_maps_at(const struct core_maps *maps, uint64_t address)
{
	size_t i = map_behind(maps->rows, maps->count, address);

	return i < maps->count && maps->rows[i].start <= address ? &maps->rows[i] : NULL;
}
