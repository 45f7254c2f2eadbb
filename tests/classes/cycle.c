// Of a lost cycle, one block is definitely lost and the others indirectly.
// classes: definite=40/1 indirect=80/2
#include "parts/far.h"

#include <stdlib.h>

static void work(void)
{
	void **a = calloc(1, 40), **b = calloc(1, 40), **c = calloc(1, 40);

	a[0] = b;
	b[2] = c;
	c[4] = a;
}

int main(void)
{
	far_below(work);
	return 0;
}
