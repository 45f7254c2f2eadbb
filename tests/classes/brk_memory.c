// Memory that the program itself got by brk keeps blocks, before and behind what malloc has of it.
// classes: definite=40/1 reachable=100/2
#define _DEFAULT_SOURCE
#include "parts/far.h"

#include <stdlib.h>
#include <unistd.h>

static void **more(void)
{
	void **memory = sbrk(8192);

	if (memory == (void *)-1)
		exit(1);
	return memory;
}

static void work(void)
{
	void **before = more();

	before[1000] = malloc(50);
	void **behind = more();
	behind[20] = malloc(50);
	behind[900] = malloc(40);
	if (sbrk(-4096) == (void *)-1)
		exit(1);
}

int main(void)
{
	far_below(work);
	return 0;
}
