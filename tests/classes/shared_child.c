// What two lost blocks point at is lost once, indirectly, also by pointers into it.
// classes: definite=64/2 indirect=248/4
#include "parts/far.h"

#include <stdlib.h>

static void work(void)
{
	void **a = calloc(1, 32), **b = calloc(1, 32);
	char *child = calloc(1, 100), *inside = calloc(1, 100);
	void **grandchild = calloc(1, 24), **last = calloc(1, 24);

	a[0] = b[1] = child;
	*(void **)(child + 8) = grandchild;
	a[2] = inside + 50;
	b[3] = inside + 99;
	*(void **)(inside + 88) = last;
}

int main(void)
{
	far_below(work);
	return 0;
}
