/*
 * The memory of a core as a scan for lost blocks reads it (struct reach_view), and how much of it
 * was wanted in vain.
 */
#ifndef LEAK_CORE_VIEW_H
#define LEAK_CORE_VIEW_H

#include "core_bytes.h"
#include "core_file.h"
#include "core_maps.h"
#include "pool.h"
#include "preload/reach.h"

struct core_view {
	struct reach_view view; /* its context is this struct, which must stay where it is */
	const struct core_file *core;
	const struct core_maps *maps;
	struct core_bytes *files; /* for what is constant */
	struct pool *pool;        /* of the scan's memory */
	struct core_line *lines;  /* private, up to read_lines: what was read last, by address */
	unsigned char *bytes;
	size_t line_count; /* a power of two */
	uint64_t read_end; /* of the last reading */
	size_t read_lines;
	uint64_t missing_bytes; /* asked for, may have been anything, and are not in the core */
};

void core_view_open(struct core_view *view, const struct core_file *core,
	const struct core_maps *maps, struct core_bytes *files, struct pool *pool);
void core_view_close(struct core_view *view);

#endif
