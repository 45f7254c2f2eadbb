/*
 * The interposer that is written first: the empty one, and at each allocation libunwind's fast walk, with
 * a guard against its own events and with errno kept. A column of the matrix: what most recorders build on.
 */
#define _GNU_SOURCE
#define UNW_LOCAL_ONLY
#include <errno.h>
#include <libunwind.h>

#define ON_ALLOCATION() walk()

static __thread int walking __attribute__((tls_model("initial-exec")));

static void walk(void)
{
	void *frames[64];
	int saved = errno;

	if (walking)
		return;
	walking = 1;
	unw_backtrace(frames, 64);
	walking = 0;
	errno = saved;
}

#include "tests/bench/null.c"
