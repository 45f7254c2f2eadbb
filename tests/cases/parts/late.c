/* A library that allocates in its constructor and frees in its destructor. */
#include <stdlib.h>

static void *constructed, *kept;

static __attribute__((constructor)) void constructor(void)
{
	constructed = malloc(20);
}

static __attribute__((destructor)) void destructor(void)
{
	free(constructed);
	free(kept);
}

void late_keep(void *block)
{
	kept = block;
}
