/*
 * Lanes: a thread's buffers for full walks. Lane 0 serves ordinary events; the others serve signal
 * handlers that interrupt those, one for each level, and lane 1 verification, too.
 */
#ifndef LEAK_LANES_H
#define LEAK_LANES_H

#include "preload/threads.h"
#include "preload/unwind.h"

/* Frames that a lane's buffer or the walk cache may hold at the most: depth=. */
uint32_t lane_depth_limit(void);

/* Makes the lane's buffer if there is none; false when there is no memory. */
bool lane_ready(struct thread *self, unsigned lane);

/* A full walk into the lane's buffer, which is made larger until the stack fits, up to depth=.
 * Returns stacks_hash. The thread itself, also in a signal handler that owns the lane. */
uint64_t lane_walk(
	struct thread *self, unsigned lane, const struct frame_start *start, struct trace *t);

#endif
