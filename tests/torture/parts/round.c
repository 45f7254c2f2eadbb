/* Allocates in its constructor, its function and its TLS, so that loading it is an event, too. */
#include <stdlib.h>

static __thread char local[300];
static void *constructed;

static __attribute__((constructor)) void constructor(void)
{
	constructed = malloc(64);
}

static __attribute__((destructor)) void destructor(void)
{
	free(constructed);
}

void *round_work(void)
{
	local[5]++;
	return malloc(32 + local[5]);
}
