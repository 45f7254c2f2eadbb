/*
 * Reads a core for a scan, see core_view.h. Called by core_check.c. The scan goes through memory
 * here and there, a block at a time, so what was read stays for a while: page by page, each page
 * where its address says. A file that shrinks meanwhile is memory that is missing, and no signal.
 */
#include "core_view.h"

#include "memory.h"

#include <stdlib.h>
#include <string.h>

#define PAGE 4096u
#define LINES_LEAST 64u
#define LINES_MOST (1u << 14) /* 64 MiB */

/* A page, or the part of it that lies in one segment. */
struct core_line {
	uint64_t start;
	uint64_t size;
};

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Reads what the core holds of the page of `at`. False when it does not hold `at`. */
static bool fill(const struct core_view *view, size_t number, uint64_t at)
{
	const struct core_segment *segment = core_file_segment(view->core, at);
	struct core_line *line = &view->lines[number];
	uint64_t start = at - at % PAGE;

	if (segment == NULL || at - segment->start >= segment->held)
		return false;
	if (start < segment->start)
		start = segment->start;
	line->start = start;
	line->size = core_file_read(view->core, start, view->bytes + number * PAGE,
		least(PAGE - start % PAGE, segment->held - (start - segment->start)));
	return at - start < line->size;
}

/* How many bytes from `at` on, up to `size`, the core has not; and counts them, if they may have
 * been anything. */
static uint64_t skip(struct core_view *view, uint64_t at, uint64_t size)
{
	const struct core_maps *maps = view->maps;
	const struct core_segment *segment = core_file_segment(view->core, at);
	size_t i = map_behind(maps->rows, maps->count, at);
	/* A kernel's core has all mappings in its list; gcore leaves out some. */
	bool counts = view->core->signal == 0;

	if (segment) {
		uint64_t within = at - segment->start;
		bool cut = within < segment->kept;
		size = least(size, (cut ? segment->kept : segment->size) - within);
		counts = cut;
		if (cut && within < segment->held) /* it could not be read, or has shrunk */
			size = least(size, PAGE - at % PAGE);
	}
	if (i < maps->count && maps->rows[i].start <= at) {
		size = least(size, maps->rows[i].end - at);
		counts = counts || maps->lacks[i] == LACK_KEPT;
		/* gcore leaves out what is as in the file. */
		if (segment == NULL && maps->lacks[i] == LACK_FILE)
			counts = false;
	} else if (i < maps->count) {
		size = least(size, maps->rows[i].start - at);
	}
	if (counts)
		view->missing_bytes += size;
	return size;
}

static const void *read_memory(void *context, uint64_t at, uint64_t *size)
{
	struct core_view *view = context;
	size_t number = at / PAGE & (view->line_count - 1);
	const struct core_line *line = &view->lines[number];

	if (at - line->start >= line->size && !fill(view, number, at)) {
		*size = skip(view, at, *size);
		return NULL;
	}
	*size = least(*size, line->start + line->size - at);
	return view->bytes + number * PAGE + (at - line->start);
}

static void *allocate(void *context, size_t size)
{
	return pool_take(((struct core_view *)context)->pool, size);
}

static uint32_t mapping(void *context, uint64_t at, uint64_t *end)
{
	const struct core_view *view = context;
	const struct map *map = core_maps_at(view->maps, at);

	*end = map ? map->end : at + 1;
	if (map == NULL)
		return 0;
	return (map->sort == SORT_COPIED ? REACH_MAPPED_FILE : 0) |
	       (map->readable ? REACH_MAPPED_READ : 0) | (map->executable ? REACH_MAPPED_EXEC : 0);
}

void core_view_open(struct core_view *view, const struct core_file *core,
	const struct core_maps *maps, struct pool *pool)
{
	size_t lines = LINES_LEAST;

	while (lines < LINES_MOST && lines < core->held_bytes / PAGE)
		lines *= 2;
	*view = (struct core_view){.view = {.read = read_memory,
					   .allocate = allocate,
					   .context = view,
					   .mapping = mapping},
		.core = core,
		.maps = maps,
		.pool = pool,
		.lines = memory_zero(lines, sizeof(*view->lines)),
		.bytes = memory_zero(lines, PAGE),
		.line_count = lines};
}

void core_view_close(struct core_view *view)
{
	free(view->lines);
	free(view->bytes);
	*view = (struct core_view){0};
}
