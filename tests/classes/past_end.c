// A pointer one past the end of a block, or into the rest that malloc rounds up to, keeps nothing.
// classes: definite=179/6
#include "parts/far.h"

#include <stdlib.h>

static char *past[6];

static void work(void)
{
	past[0] = (char *)malloc(40) + 40;
	past[1] = (char *)malloc(32) + 32;
	past[2] = (char *)malloc(33) + 33;
	past[3] = (char *)malloc(33) + 39;
	past[4] = (char *)malloc(40) - 1;
	past[5] = (char *)malloc(1) + 1;
}

int main(void)
{
	far_below(work);
	return 0;
}
