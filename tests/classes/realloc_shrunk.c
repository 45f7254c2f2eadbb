// A block that realloc made smaller keeps nothing by what was behind its new end.
// classes: definite=96/2 reachable=112/2
#include "parts/far.h"

#include <stdlib.h>

static void **block;

static void work(void)
{
	block = calloc(50, sizeof(*block));
	block[3] = malloc(32);
	block[10] = malloc(48);
	block[49] = malloc(48);
	block = realloc(block, 10 * sizeof(*block));
}

int main(void)
{
	far_below(work);
	return 0;
}
