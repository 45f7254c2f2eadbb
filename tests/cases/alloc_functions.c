// Every allocation function: one block kept, one freed, exact sizes, the right function named.
// pitfall: F4
// flags: -fno-builtin
// expect: state=clean live.blocks=10 live.bytes=4548 totals.frees=10 totals.allocs=20
// expect: site function=main line=27 bytes=101 blocks=1 allocator=malloc
// expect: site function=main line=28 bytes=204 blocks=1 allocator=calloc
// expect: site function=main line=29 bytes=303 blocks=1 allocator=realloc
// expect: site function=main line=30 bytes=408 blocks=1 allocator=reallocarray
// expect: site function=main line=31 bytes=505 blocks=1 allocator=memalign
// expect: site function=main line=32 bytes=606 blocks=1 allocator=posix_memalign
// expect: site function=main line=35 bytes=704 blocks=1 allocator=aligned_alloc
// expect: site function=main line=36 bytes=808 blocks=1 allocator=valloc
// expect: site function=main line=37 bytes=909 blocks=1 allocator=pvalloc
// expect: site function=main line=38 bytes=0 blocks=1 allocator=malloc
#define _GNU_SOURCE
#include <malloc.h>
#include <stdlib.h>

int main(void)
{
	void *volatile block;
	void *aligned;

	for (int round = 0; round < 2; round++) {
		void *made[10];

		made[0] = malloc(101);
		made[1] = calloc(4, 51);
		made[2] = realloc(NULL, 303);
		made[3] = reallocarray(NULL, 4, 102);
		made[4] = memalign(64, 505);
		if (posix_memalign(&aligned, 64, 606))
			return 1;
		made[5] = aligned;
		made[6] = aligned_alloc(64, 704);
		made[7] = valloc(808);
		made[8] = pvalloc(909);
		made[9] = malloc(0);
		for (int i = 0; i < 10; i++) {
			block = made[i];
			if (round)
				free(block);
		}
	}
	return 0;
}
