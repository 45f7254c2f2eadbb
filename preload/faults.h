/*
 * Failures on purpose, for tests: in a build with FAULTS=1 (build/faults) the tables begin as small
 * as they can be, and the Nth of the recorder's own requests for memory or storage fails, or all
 * from the Nth on, as LEAK_FAULT=N or LEAK_FAULT=N+ in the environment says. The ordinary build has
 * nothing of it.
 */
#ifndef LEAK_FAULTS_H
#define LEAK_FAULTS_H

#include <stdbool.h>

#ifdef LEAK_FAULTS

/* Is the request that is about to be made to fail? Any thread. */
bool fault_here(void);

/* The first size of a table: `least` is the smallest that works. */
#define FIRST_SIZE(ordinary, least) (least)

#else

static inline bool fault_here(void)
{
	return false;
}

#define FIRST_SIZE(ordinary, least) (ordinary)

#endif

#endif
