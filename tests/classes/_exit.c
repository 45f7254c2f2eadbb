// _exit calls no handlers; what main has on its stack is kept, what a dead frame has is not.
// classes: definite=40/1 reachable=110/2
#include "parts/far.h"

#include <stdlib.h>
#include <unistd.h>

static void *kept;

static void not_called(void)
{
	kept = NULL;
}

static void work(void)
{
	void *volatile lost = malloc(40);

	kept = malloc(50);
	atexit(not_called);
	(void)lost;
}

static void leave(void)
{
	_exit(0);
}

int main(void)
{
	void *volatile local = malloc(60);

	far_below(work);
	far_below(leave);
	return local == NULL;
}
