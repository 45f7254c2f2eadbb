// With classes=0 nothing is looked at: every block is of unknown class.
// classes: definite=40/1 reachable=50/1
// classes classes=1: definite=40/1 reachable=50/1
// classes classes=0: unknown=90/2
#include "parts/far.h"

#include <stdlib.h>

static void *volatile kept;

static void work(void)
{
	kept = malloc(40);
	kept = malloc(50);
}

int main(void)
{
	far_below(work);
	return 0;
}
