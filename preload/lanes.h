/*
 * Lanes: a thread's buffers for full walks. Lane 0 serves ordinary events; the others serve signal
 * handlers that interrupt those, one for each level, and the last ones verification.
 */
#ifndef LEAK_LANES_H
#define LEAK_LANES_H

#include "preload/threads.h"
#include "preload/unwind.h"

/* The lane that an event holds. */
struct lane {
	uint32_t number;
	struct thread *before; /* what tls.ready is to be again */
};

/* Takes a lane: 0, or the next one if this event interrupted another of this thread. */
HOT struct lane lane_enter(struct thread *self)
{
	struct lane lane = {0, tls.ready};

	if (unlikely(lane.before == THREAD_BUSY)) {
		lane.number = 1 + atomic_load_explicit(&self->nested, memory_order_relaxed);
		atomic_store_explicit(&self->nested, lane.number, memory_order_relaxed);
	}
	tls.ready = THREAD_BUSY;
	atomic_signal_fence(memory_order_seq_cst);
	return lane;
}

HOT void lane_leave(struct thread *self, struct lane lane)
{
	atomic_signal_fence(memory_order_seq_cst);
	if (unlikely(lane.number))
		atomic_store_explicit(&self->nested, lane.number - 1, memory_order_relaxed);
	tls.ready = lane.before;
}

/* Frames that a lane's buffer or the walk cache may hold at the most: depth=. */
uint32_t lane_depth_limit(void);

/* Makes the lane's buffer if there is none; false when there is no memory. */
bool lane_ready(struct thread *self, unsigned lane);

/* A full walk into the lane's buffer, which is made larger until the stack fits, up to depth=.
 * Returns stacks_hash. The thread itself, also in a signal handler that owns the lane. */
uint64_t lane_walk(
	struct thread *self, unsigned lane, const struct frame_start *start, struct trace *t);

#endif
