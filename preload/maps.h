/*
 * The address space as the kernel tells it (/proc/self/maps), and which of its bytes can be read
 * without a signal and are worth it. Other threads hold still, or this is a forked copy.
 */
#ifndef LEAK_MAPS_H
#define LEAK_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/check_memory.h"
#include "preload/map.h"

struct maps {
	struct map *rows; /* in the order of addresses */
	size_t count, capacity;
	struct check_memory *memory;

	/* For maps_read. */
	size_t latest;
	bool paged;  /* a page that is not there may wait for a thread that holds still */
	bool guards; /* the kernel has guards: pages of readable memory that give a signal */
	int pagemap; /* of /proc/self/pagemap, -1: not to be had */
	uint64_t *entries;
	uintptr_t entries_start, entries_end; /* pages that `entries` tells about */
	unsigned char *resident;
	uintptr_t resident_start, resident_end; /* pages that `resident` tells about */
	uint64_t unreadable_bytes;              /* asked for, and not to be read */
};

/* Reads the list. `others_hold_still`: threads of the process, which may be needed to bring pages.
 * False when it cannot be read, or there is no memory. Needs maps_close. */
bool maps_open(struct maps *ret, struct check_memory *memory, bool others_hold_still);
void maps_close(struct maps *maps);

/* The mapping around an address; NULL when there is none. */
const struct map *maps_find(struct maps *maps, uintptr_t at);

/* As reach_view.read, with a struct maps: memory that was never touched is not touched by this,
 * either (it is zeros); where a fault would be a signal, it is counted. */
const void *maps_read(void *maps, uint64_t at, uint64_t *size);

#endif
