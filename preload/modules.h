/*
 * Loaded objects, by number. A frame carries its module's number, so what an address meant stays
 * known after dlclose, and when another library is loaded at the same place.
 */
#ifndef LEAK_MODULES_H
#define LEAK_MODULES_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/hot.h"

#define MODULE_NUMBER_MAX 0xffffu

/* A loaded object around an address, as find_object.h describes it. */
struct loaded {
	uintptr_t start, end;
	const void *eh_frame_hdr; /* its PT_GNU_EH_FRAME segment */
	const void *link_map;
	uint32_t number; /* 0: the table is full */
};

/* Finds the object that contains `ip`, registering it the first time. False when no object does
 * (generated code). No loader lock. Any thread, also in a signal handler. Slow path only. */
bool modules_find(uintptr_t ip, struct loaded *ret);

/* The same, but registers none: it has the number 0 then. Writes nothing, so also in a forked copy.
 */
bool modules_find_known(uintptr_t ip, struct loaded *ret);

/* Is an object of the loader's list mapped, and found by its addresses? Not when a child was
 * forked, or all threads were stopped, while another thread was loading or unloading it. */
struct link_map;
bool modules_is_there(const struct link_map *map);

/* Is the module of this number still loaded? */
bool modules_is_loaded(uint32_t number);

/* A block is about to be freed that is not in the live index, or is marked SLOT_WATCH: if it was
 * the loader's record of a library, the library is gone. */
void modules_block_freed(const void *block);

/* How many libraries have been unloaded since the process started. */
static inline uint32_t modules_unloads(void)
{
	return __atomic_load_n(&hot.unloads, __ATOMIC_RELAXED);
}

/* Registers the executable as module 1. Start-up. */
void modules_start(void);

/* In a forked child: write the parent's modules into the child's image under their old numbers. */
void modules_inherit(void);

#endif
