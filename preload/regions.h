/*
 * Live mapped regions and who mapped them: an interval map fed by mmap, munmap, mremap, brk, shmat
 * and shmdt, with the kernel's own rules (a fixed mapping replaces what it covers, munmap may take
 * a part).
 *
 * Events are queued in the order of the system calls that they describe and applied by whoever gets
 * the map first; nobody waits for it. What the queue cannot hold is counted.
 */
#ifndef LEAK_REGIONS_H
#define LEAK_REGIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/image_format.h"

/* Start-up, also in a forked child (whose inherited mappings are not its own). */
bool regions_start(void);

/* After the system call that made it. Any thread, also in a signal handler, like all of these. */
void regions_add(
	enum region_kind kind, uintptr_t start, size_t size, uint32_t site, int prot, int flags);

/* Around a system call that removes mappings, any part of any regions: take the range out before
 * the call; afterwards put it back as it was when the call failed, or let it go. The token, never
 * 0, pairs the two. */
uint32_t regions_detach(uintptr_t start, size_t size);
void regions_restore(uint32_t token);
void regions_discard(uint32_t token);

/* How many the program has: without an allocator's own. */
size_t regions_live(void);

/* Calls `visit` with each. Other threads hold still. */
void regions_each(void (*visit)(void *context, const struct image_region *region), void *context);

/* The size of the attached segment that begins at `start` (shmdt gives no size); 0 if unknown. */
size_t regions_size_at(uintptr_t start);

#endif
