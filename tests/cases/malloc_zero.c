// No bytes are a block of its own, with an address of its own, from each function; realloc to none frees it.
// expect: state=clean live.blocks=6 live.bytes=0 not_recorded.dropped_events=0
// expect: site function=main line=12 allocator=malloc bytes=0 blocks=2
// expect: site function=main line=14 allocator=calloc bytes=0 blocks=2
// expect: site function=main line=15 allocator=realloc bytes=0 blocks=1
// expect: nosite allocator=malloc line=21
#include <stdint.h>
#include <stdlib.h>

int main(void)
{
	void *blocks[6] = {malloc(0), malloc(0)}, *volatile none = NULL, *block;

	blocks[2] = calloc(0, 8), blocks[3] = calloc(8, 0);
	blocks[4] = realloc(none, 0);
	if (posix_memalign(&blocks[5], 64, 0))
		return 1;
	for (int i = 0; i < 6; i++)
		for (int k = 0; k <= i; k++)
			if (!blocks[i] || (blocks[i] == blocks[k]) != (i == k))
				return 2;
	block = malloc(10);
	return realloc(block, 0) != NULL;
}
