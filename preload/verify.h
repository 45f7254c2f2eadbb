/*
 * verify=1: every event whose stack came from memory is walked once more in full, and the process
 * aborts where that differs from what was recorded. With oracle=NAME every full walk, of those and
 * of all other events, is also compared with another unwinder's, frame by frame. For testing
 * libleak itself. Signals wait while two walks are compared.
 */
#ifndef LEAK_VERIFY_H
#define LEAK_VERIFY_H

#include "preload/threads.h"
#include "preload/unwind.h"

/* Makes `unwinder` one that asks `oracle` (NULL: none), too. Start-up, before there are threads. */
void verify_start(const struct unwinder *oracle);

/* In a forked child: its events are counted from zero. */
void verify_forget(void);

/* Aborts unless `row` is the site of the stack that begins at `start`, frame by frame. The thread
 * itself, in an event of lane 0. */
void verify_site(struct thread *self, const struct frame_start *start, unsigned family,
	const struct image_site *row);

/* One line on stderr: how much was compared. `name` is the program's. */
void verify_print(const char *name, uint64_t pid);

#endif
