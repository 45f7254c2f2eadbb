// What only possibly lost blocks point at is possibly lost, too; a block reached both ways is reachable.
// classes: possible=168/3 reachable=96/2
#include "parts/far.h"

#include <stdlib.h>

static void **inside, **start;

static void work(void)
{
	void **possible = calloc(1, 80), **child = calloc(1, 48), **grandchild = calloc(1, 40),
	     **both = calloc(1, 56), **kept = calloc(1, 40);

	inside = possible + 4;
	possible[0] = child;
	child[5] = grandchild;
	grandchild[1] = both;
	start = kept;
	kept[4] = both;
}

int main(void)
{
	far_below(work);
	return 0;
}
