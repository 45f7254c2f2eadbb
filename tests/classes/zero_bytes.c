// A block of no bytes is kept by a pointer to its start only.
// classes: definite=8/4 indirect=0/1 reachable=8/2
// classes heuristics=none: definite=8/4 indirect=0/1 reachable=8/2
#include "parts/far.h"

#include <stdlib.h>

static char *start, *inside, **holder;

static void work(void)
{
	start = malloc(0);
	inside = (char *)malloc(0) + 1;
	inside = (char *)calloc(0, 8) + 8;
	inside = malloc(0) ? inside : start;
	holder = calloc(1, 8);
	*holder = malloc(0);
	holder = calloc(1, 8);
}

int main(void)
{
	far_below(work);
	return 0;
}
