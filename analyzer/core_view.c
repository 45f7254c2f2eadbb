/*
 * Reads a core for a scan, see core_view.h. Called by core_check.c. The scan goes through memory
 * here and there, a block at a time, and at times all along. So what was read stays for a while,
 * line by line, each line where its address says; and what follows upon what was read last is read
 * farther and farther ahead. A file that shrinks meanwhile is memory that is missing, and no
 * signal.
 */
#include "core_view.h"

#include "memory.h"

#include <stdlib.h>
#include <string.h>

#define LINE 1024u /* bytes; several common blocks */
#define LINES_LEAST 32u
#define LINES_MOST (1u << 16) /* 64 MiB */
#define AHEAD_MOST 128u       /* lines */

/* A multiple of LINE, or the part of it that lies in one segment. */
struct core_line {
	uint64_t start;
	uint64_t size;
};

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* How many lines to read from `start` on, the first one's number being `number`. */
static size_t lines_ahead(struct core_view *view, size_t number, uint64_t start)
{
	size_t count = start == view->read_end ? view->read_lines * 2 : 1;

	if (count > AHEAD_MOST)
		count = AHEAD_MOST;
	return count < view->line_count - number ? count : view->line_count - number;
}

/* Reads the line of `at`, and perhaps more, as far as the core holds it. False when it does not
 * hold `at`, or the process could not have read it. */
static bool fill(struct core_view *view, size_t number, uint64_t at)
{
	const struct core_segment *segment = core_file_segment(view->core, at);
	const struct map *map = core_maps_at(view->maps, at);
	uint64_t start = at - at % LINE, limit = LINE;
	size_t count = 1;

	if (segment == NULL || at - segment->start >= segment->held || (map && !map->readable))
		return false;
	if (start < segment->start) {
		start = segment->start;
		limit = LINE - start % LINE;
	} else {
		count = lines_ahead(view, number, start);
		limit = count * LINE;
	}
	limit = least(limit, segment->held - (start - segment->start));
	uint64_t got = core_file_read(view->core, start, view->bytes + number * LINE, limit);
	for (size_t i = 0; i < count; i++)
		view->lines[number + i] = (struct core_line){.start = start + i * LINE,
			.size = got > i * LINE ? least(LINE, got - i * LINE) : 0};
	view->read_end = start + got;
	view->read_lines = count;
	return at - start < got;
}

/* The line of `at`, which is in a file that was mapped and is as it was. */
static bool fill_from_file(struct core_view *view, size_t number, uint64_t at)
{
	size_t i = map_behind(view->maps->rows, view->maps->count, at);
	const struct map *map = &view->maps->rows[i];
	struct core_line *line = &view->lines[number];

	if (i == view->maps->count || map->start > at || view->maps->lacks[i] != LACK_FILE ||
		map->sort != SORT_COPIED || map->writable || !map->readable)
		return false;
	line->start = at - at % LINE;
	line->size = core_bytes_read(view->files, line->start, view->bytes + number * LINE, LINE);
	return at - line->start < line->size;
}

/* How many bytes from `at` on, up to `size`, are missing in a segment. False in `ret_counts` when
 * they are none that the core was to hold. */
static uint64_t missing_in(
	const struct core_segment *segment, uint64_t at, uint64_t size, bool *ret_counts)
{
	uint64_t within = at - segment->start;

	*ret_counts = within < segment->kept;
	if (within < segment->held) /* it could not be read, or has shrunk */
		return least(size, LINE - at % LINE);
	return least(size, (*ret_counts ? segment->kept : segment->size) - within);
}

/* How many bytes from `at` on, up to `size`, cannot be had; and counts them, if they may have been
 * anything. */
static uint64_t skip(struct core_view *view, uint64_t at, uint64_t size)
{
	const struct core_maps *maps = view->maps;
	const struct core_segment *segment = core_file_segment(view->core, at);
	size_t i = map_behind(maps->rows, maps->count, at);
	bool inside = i < maps->count && maps->rows[i].start <= at;
	/* A kernel's core lists all mappings; gcore leaves out some, and what is as in the file. */
	bool counts = view->core->signal == 0 && !(inside && maps->lacks[i] == LACK_FILE);

	if (i < maps->count)
		size = least(size, (inside ? maps->rows[i].end : maps->rows[i].start) - at);
	if (inside && !maps->rows[i].readable)
		return size;
	if (segment)
		size = missing_in(segment, at, size, &counts);
	if (counts || (inside && maps->lacks[i] == LACK_KEPT))
		view->missing_bytes += size;
	return size;
}

static const void *read_memory(void *context, uint64_t at, uint64_t *size)
{
	struct core_view *view = context;
	size_t number = at / LINE & (view->line_count - 1);
	const struct core_line *line = &view->lines[number];

	if (at - line->start >= line->size && !fill(view, number, at) &&
		!fill_from_file(view, number, at)) {
		*size = skip(view, at, *size);
		return NULL;
	}
	*size = least(*size, line->start + line->size - at);
	return view->bytes + number * LINE + (at - line->start);
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
	const struct core_maps *maps, struct core_bytes *files, struct pool *pool)
{
	size_t lines = LINES_LEAST;

	while (lines < LINES_MOST && lines < core->held_bytes / LINE)
		lines *= 2;
	*view = (struct core_view){.view = {.read = read_memory,
					   .allocate = allocate,
					   .context = view,
					   .mapping = mapping},
		.core = core,
		.maps = maps,
		.files = files,
		.pool = pool,
		.lines = memory_zero(lines, sizeof(*view->lines)),
		.bytes = memory_resize(NULL, lines, LINE),
		.line_count = lines};
}

void core_view_close(struct core_view *view)
{
	free(view->lines);
	free(view->bytes);
	*view = (struct core_view){0};
}
