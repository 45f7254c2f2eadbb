/*
 * Waiting for another thread that has something of ours to itself for a moment. It may have been
 * taken off the processor, on a busy machine for long: so yield at first, then sleep, which lets it
 * run. But not for ever: it may have been interrupted by a signal handler that waits for us.
 */
#ifndef LEAK_PATIENCE_H
#define LEAK_PATIENCE_H

#include <stdbool.h>
#include <time.h>

#include "preload/sys.h"

#define PATIENCE_YIELDS 100
#define PATIENCE_SLEEPS 5000 /* about a second */

/* Waits for the n-th time, n from 0; false when that has been enough. */
static inline bool patience(unsigned n)
{
	const struct timespec moment = {.tv_nsec = 100000};

	if (n < PATIENCE_YIELDS)
		sys_call0(SYS_sched_yield);
	else if (n < PATIENCE_YIELDS + PATIENCE_SLEEPS)
		sys_call2(SYS_nanosleep, &moment, NULL);
	else
		return false;
	return true;
}

#endif
