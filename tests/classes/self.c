// A block that only itself points at is definitely lost.
// classes: definite=72/2
#include "parts/far.h"

#include <stdlib.h>

static void work(void)
{
	void **start = calloc(1, 32), **inside = calloc(1, 40);

	start[3] = start;
	inside[0] = inside + 2;
}

int main(void)
{
	far_below(work);
	return 0;
}
