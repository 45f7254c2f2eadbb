/* Leaks 60 blocks of 22 bytes from a frame of another size than reuse_first.c has at this address. */
#include <stdlib.h>
#include <string.h>

static void *volatile last;

void second_work(void)
{
	char scratch[900];

	memset(scratch, 1, sizeof scratch);
	for (int i = 0; i < 60; i++)
		last = malloc(21 + scratch[i]);
}
