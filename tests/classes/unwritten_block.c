// A block that was not written to still has what was there before, which may keep other blocks.
// classes: reachable=840/4
// explain: definite=-40/-2 reachable=40/2: memcheck knows which bytes were never written
#include "parts/far.h"

#include <stdlib.h>

static void **again[2];

static void work(void)
{
	void **first = calloc(1, 200), **second = calloc(1, 600);

	first[20] = malloc(20);
	second[70] = malloc(20);
	free(first);
	free(second);
	again[0] = malloc(200);
	again[1] = malloc(600);
}

int main(void)
{
	far_below(work);
	return 0;
}
