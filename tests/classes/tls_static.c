// Thread-local variables of the program keep blocks, in the main thread and in one that runs.
// classes: reachable=280/5
// classes use_tls=1: reachable=280/5
// classes use_tls=0: definite=240/4 indirect=40/1
// loader: possible=0/-1 reachable=0/1: libc points into a thread's table of TLS blocks
// flags: -lpthread
#define _GNU_SOURCE
#include "parts/far.h"
#include "parts/sleeper.h"

#include <stdlib.h>
#include <unistd.h>

static void *place;
static __thread void *zeroed;
static __thread void **set = &place;

static void keep(void)
{
	zeroed = malloc(60);
	set = calloc(1, 60);
	if (getpid() == gettid())
		*set = malloc(40);
}

static void *thread(void *nothing)
{
	far_below(keep);
	(void)nothing;
	return sleep_for_ever();
}

static void work(void)
{
	keep();
	start_sleeper(thread, NULL, NULL);
}

int main(void)
{
	far_below(work);
	return 0;
}
