/*
 * What an event does to the tables. Called by the hooks with the real function's arguments and
 * result, and with the hook's own frame, from which the caller's registers are read.
 *
 * Order matters (DESIGN, invariant 2): a block's record is taken out before the real free, and
 * around realloc; it is put in after the real malloc.
 */
#ifndef LEAK_TRACK_H
#define LEAK_TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/image_format.h"
#include "preload/live.h"

/* `frame` is ARCH_FRAME of the hook, which tells its caller's registers. All of these: any thread,
 * also in a signal handler; errno is left alone. Returns the block, so that a hook may end with it.
 */
void *track_alloc(void *block, size_t size, unsigned family, const void *frame);

/* A block was asked for with another size than it is recorded with: operator new rounded it up
 * before it called malloc. Nothing happens to one that is not recorded. */
void track_resize(const void *block, size_t size);

/* Is this block recorded as made by an operator new, this one or one that called it? It has `size`
 * bytes then. For when a signal handler may have recorded others after the malloc that it called.
 */
bool track_recorded_as_new(const void *block, size_t size);

/* Before the real free. False when the block is ours to keep (early arena): do not call the real
 * one. */
bool track_free(void *block);

/* A block that was freed: its record has been taken out. */
void track_count_free(uint64_t size);

/* The deletion that was under way on this thread when another one began: that of who calls it, or
 * of who was interrupted by the signal handler that does. */
struct track_deletion {
	const void *block;
	uint64_t frees;
};

/* Around the real operator delete. Where it calls free, that finds the record gone, and knows why;
 * where it frees another address (a header of its own), that one has the record. The first says
 * whether the second is to be called: not when this delete was called by another one of the same
 * block. */
bool track_delete_begin(void *block, struct track_deletion *ret_before);
void track_delete_end(void *block, const struct track_deletion *before);

/* realloc in three steps: take the old record; then either commit the new block or put the old
 * back. */
void track_realloc_begin(void *block, struct live_block *ret);
void track_realloc_end(void *block, const struct live_block *old, void *moved, size_t size,
	unsigned family, const void *frame);
void track_realloc_failed(void *block, const struct live_block *old);
void track_realloc_freed(void *block, const struct live_block *old);

/* Mapped regions; see regions.h. */
void track_map(enum region_kind kind, void *start, size_t size, int prot, int flags,
	unsigned family, const void *frame);

/* The program's own pools. */
void track_pool_alloc(const void *block, size_t size, const void *frame);
void track_pool_free(const void *block);

#endif
