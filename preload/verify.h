/*
 * verify=1: every event's stack is walked once more in full, and the process aborts where that
 * differs from what was recorded. For testing libleak itself.
 */
#ifndef LEAK_VERIFY_H
#define LEAK_VERIFY_H

#include "preload/threads.h"
#include "preload/unwind.h"

/* Aborts unless `row` is the site of the stack that begins at `start`, frame by frame. The thread
 * itself, in an event of lane 0. */
void verify_site(struct thread *self, const struct frame_start *start, unsigned family,
	const struct image_site *row);

#endif
