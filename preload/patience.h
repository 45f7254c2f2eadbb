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

#define PATIENCE_LONG_SLEEPS 4000 /* of a millisecond: several seconds more */

/* The same for what no signal handler of the program's can have interrupted, because who has it
 * holds its signals back (sys_hold_signals): it may be waiting for a disk that has much to write,
 * and will go on, unless a debugger holds it. But the program is not to stand still for long on our
 * account: then rather lose events, and count them. */
static inline bool patience_long(unsigned n)
{
	const struct timespec moment = {.tv_nsec = 1000000};

	if (n < PATIENCE_YIELDS + PATIENCE_SLEEPS)
		return patience(n);
	if (n >= PATIENCE_YIELDS + PATIENCE_SLEEPS + PATIENCE_LONG_SLEEPS)
		return false;
	sys_call2(SYS_nanosleep, &moment, NULL);
	return true;
}

#endif
