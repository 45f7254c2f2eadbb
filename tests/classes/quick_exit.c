// quick_exit runs its own handlers only; what main has on its stack is kept.
// classes: definite=40/1 reachable=110/2
#include "parts/far.h"

#include <stdlib.h>

static void *forgotten, *kept;

static void not_called(void)
{
	kept = NULL;
}

static void called(void)
{
	forgotten = NULL;
}

static void work(void)
{
	forgotten = malloc(40);
	kept = malloc(50);
	atexit(not_called);
	at_quick_exit(called);
}

static void leave(void)
{
	quick_exit(0);
}

int main(void)
{
	void *volatile local = malloc(60);

	far_below(work);
	far_below(leave);
	return local == NULL;
}
