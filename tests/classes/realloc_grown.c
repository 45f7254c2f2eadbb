// A block that realloc made larger, in place or elsewhere, keeps what its new end points at.
// classes: reachable=12272/7
#include "parts/far.h"

#include <stdlib.h>

static void **near, **moved;

static void work(void)
{
	near = malloc(16);
	near = realloc(near, 2000); /* nothing is behind it yet */
	near[0] = malloc(48);
	near[249] = malloc(48);
	moved = malloc(16);
	moved[0] = malloc(48);
	moved[1] = malloc(80);
	moved = realloc(moved, 8048);
	near[100] = near[150] = moved[2] = NULL;
	moved[1005] = realloc(malloc(1000), 2000);
}

int main(void)
{
	far_below(work);
	return 0;
}
