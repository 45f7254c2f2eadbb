/*
 * Moments: the coarse clock that stamps every block, about 17 ms a tick, moved up by one at every
 * mark so that a mark separates what came before it from what comes after even within one tick.
 *
 * A block's moment is the last one that anybody noted (hot.slot_moment), at most a second ago:
 * every event compares the wall clock's second with that of the note, which costs a third of
 * reading the monotonic clock, and a new second makes a new note. A clock that is set back or forth
 * makes one note more. Snapshots and marks make one, too, so blocks stand on the right side of
 * them.
 */
#ifndef LEAK_CLOCK_H
#define LEAK_CLOCK_H

#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

#include "preload/hot.h"
#include "preload/image_format.h"
#include "preload/sys.h"

#define CLOCK_SHIFT 24 /* 2^24 ns a tick: 29 bits of them last 104 days, then saturate */

struct clock {
	int (*gettime)(
		clockid_t, struct timespec *); /* the vDSO's; never a system call when coarse */
	time_t (*second)(time_t *);            /* the vDSO's time() */
	uint64_t start_ns;
	_Atomic uint64_t bias; /* marks so far */
};

extern struct clock process_clock __attribute__((visibility("hidden")));

/* Finds the clock. `vdso` is AT_SYSINFO_EHDR or NULL. Once; a forked child has the same. */
void clock_find(const void *vdso);

/* Moments count from here. Start-up, also in a forked child. */
void clock_start(void);

uint64_t clock_realtime_ns(void);

static inline uint64_t clock_monotonic_ns(void)
{
	struct timespec now;

	process_clock.gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Is it time to note the moment again? */
HOT bool clock_note_is_old(void)
{
	return unlikely(process_clock.second(NULL) != hot.second);
}

/* Notes the present moment, and returns it. Any thread, also in a signal handler. */
uint64_t clock_note(void);

/* The present moment. Any thread, also in a signal handler; no system call. */
static inline uint64_t clock_moment(void)
{
	return ((clock_monotonic_ns() - process_clock.start_ns) >> CLOCK_SHIFT) +
	       atomic_load_explicit(&process_clock.bias, memory_order_relaxed);
}

#endif
