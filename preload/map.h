/*
 * The address space as a list of mappings in the order of addresses: what a check for lost blocks
 * must know of each. Made from /proc (maps.h), or by the analyzer from a core.
 */
#ifndef LEAK_MAP_H
#define LEAK_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum map_sort {
	SORT_ANON,   /* private, anonymous */
	SORT_MALLOC, /* [heap] */
	SORT_STACK,  /* [stack]: the main thread's */
	SORT_COPIED, /* private, of a file: what a program or library writes to */
	SORT_SHARED, /* shared, of a file or anonymous */
	SORT_DEVICE, /* of a device: reading may do something */
	SORT_SYSTEM, /* vdso and the like */
};

struct map {
	uint64_t start, end;
	uint64_t held_end; /* from there on nothing of it can be read; 0: not known */
	enum map_sort sort;
	bool readable, writable, executable;
	bool asked, holed; /* maps_read: whether reading it may be a signal is known; it may */
};

/* The number of the first row that ends behind an address; `count` when there is none. */
static inline size_t map_behind(const struct map *rows, size_t count, uint64_t at)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rows[middle].end <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

#endif
