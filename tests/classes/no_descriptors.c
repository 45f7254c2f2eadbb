// Where no file can be opened at the end, the map of memory is not known, and no block is said to be lost.
// classes use_globals=1: unknown=90/2
#include "parts/far.h"

#include <stdlib.h>
#include <sys/resource.h>

static void *volatile kept;

static void work(void)
{
	struct rlimit none = {0, 0};

	kept = malloc(40);
	kept = malloc(50);
	if (setrlimit(RLIMIT_NOFILE, &none))
		exit(1);
}

int main(void)
{
	far_below(work);
	return 0;
}
