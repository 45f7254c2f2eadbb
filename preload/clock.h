/*
 * Moments: the coarse clock that stamps every block, about 17 ms a tick, moved up by one at every
 * mark so that a mark separates what came before it from what comes after even within one tick.
 */
#ifndef LEAK_CLOCK_H
#define LEAK_CLOCK_H

#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

#include "preload/image_format.h"

#define CLOCK_SHIFT 24 /* 2^24 ns a tick: 29 bits of them last 104 days, then saturate */

struct clock {
	int (*gettime)(
		clockid_t, struct timespec *); /* the vDSO's; never a system call when coarse */
	uint64_t start_ns;
	_Atomic uint64_t bias; /* marks so far */
};

extern struct clock process_clock;

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

/* The present moment. Any thread, also in a signal handler; no system call. */
static inline uint64_t clock_moment(void)
{
	return ((clock_monotonic_ns() - process_clock.start_ns) >> CLOCK_SHIFT) +
	       atomic_load_explicit(&process_clock.bias, memory_order_relaxed);
}

#endif
