// Memory that was freed keeps nothing, wherever the pointer lay in it.
// classes: definite=200/5 reachable=40/1
#include "parts/far.h"

#include <stdlib.h>

static void **freed[5], **fence;

static void lose(int number, size_t size, size_t at)
{
	freed[number] = calloc(1, size);
	freed[number][at / sizeof(void *)] = malloc(40);
}

static void work(void)
{
	lose(0, 64, 16);
	lose(1, 2048, 1024);
	lose(2, 8000, 0);
	lose(3, 8000, 7992);
	lose(4, 1 << 20, 1 << 19); /* one that malloc maps */
	fence = malloc(40);
	for (int i = 0; i < 5; i++)
		free(freed[i]);
}

int main(void)
{
	far_below(work);
	return 0;
}
