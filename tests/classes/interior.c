// A block that only pointers into it lead to is possibly lost, also by one to its last byte.
// classes: possible=160/4 reachable=40/1
#include "parts/far.h"

#include <stdlib.h>

static char *middle, *second, *last, *far, *both[2];

static void work(void)
{
	middle = (char *)malloc(40) + 20;
	second = (char *)malloc(40) + 1;
	last = (char *)malloc(40) + 39;
	far = (char *)malloc(40) + 32;
	both[0] = malloc(40);
	both[1] = both[0] + 8;
}

int main(void)
{
	far_below(work);
	return 0;
}
