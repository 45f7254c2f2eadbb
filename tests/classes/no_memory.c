// Where there is no memory to look with, no block is said to be lost.
// classes use_globals=1: unknown=720000/30000
#include "parts/far.h"

#include <stdlib.h>
#include <sys/resource.h>

static void work(void)
{
	struct rlimit little = {1 << 20, 1 << 20};

	for (int i = 0; i < 30000; i++)
		calloc(1, 24);
	if (setrlimit(RLIMIT_AS, &little))
		exit(1);
}

int main(void)
{
	far_below(work);
	return 0;
}
