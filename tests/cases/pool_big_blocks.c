// A pool's blocks of 608 bytes side by side over 1 MiB: each has its size, also where it crosses a leaf's end.
// expect: site function=main line=14 blocks=1000 bytes=608000 allocator=custom
// expect: site function=main line=12 blocks=1 bytes=1048576
#include <stdlib.h>

#include "preload/leak.h"

enum { BLOCK = 608, BLOCKS = 1000 };

int main(void)
{
	char *volatile pool = malloc(1 << 20);
	for (int i = 0; i < BLOCKS && leak_pool_alloc; i++)
		leak_pool_alloc(pool + i * BLOCK, BLOCK);
	return 0;
}
