/* Leaks 1000 blocks of 24 bytes and nothing else: no stdio, no other allocation. */
#include <stdlib.h>

static void *volatile thousand_last;

static void lose_thousand(void)
{
	for (int i = 0; i < 1000; i++)
		thousand_last = malloc(24);
}
