// Blocks that malloc maps by itself keep and are kept as all others, also those of many MiB.
// classes: definite=5242920/1 indirect=40/1 possible=6291456/1 reachable=46137424/4
#include "parts/far.h"

#include <stdlib.h>

enum { MIB = 1 << 20 };

static void **kept, **calloced;
static char *inside;

static void work(void)
{
	kept = malloc(4 * MIB);
	kept[0] = malloc(40);
	kept[4 * MIB / 8 - 1] = malloc(40);
	calloced = calloc(1, 40 * MIB);

	void **lost = malloc(5 * MIB + 40);
	lost[5 * MIB / 8] = malloc(40);
	inside = (char *)malloc(6 * MIB) + 3 * MIB;
}

int main(void)
{
	far_below(work);
	return 0;
}
