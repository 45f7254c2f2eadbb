/* Leaks 50 blocks of 11 bytes; as large as reuse_second.c, so that it leaves a hole that fits. */
#include <stdlib.h>

static void *volatile last;

void first_work(void)
{
	for (int i = 0; i < 50; i++)
		last = malloc(11);
}
