/*
 * Aligned blocks, by every way to ask for one: the size reported is the size asked for.
 *
 * expect: state=clean live.bytes=15600 live.blocks=5
 * expect: site function=lose line=19 bytes=1000 blocks=1 allocator=posix_memalign
 * expect: site function=lose line=21 bytes=2048 blocks=1 allocator=aligned_alloc
 * expect: site function=lose line=22 bytes=360 blocks=1 allocator=memalign
 * expect: site function=lose line=23 bytes=4000 blocks=1 allocator=valloc
 * expect: site function=lose line=24 bytes=8192 blocks=1 allocator=pvalloc
 */
#include <malloc.h>
#include <stdlib.h>

static int lose(void)
{
	void *posix;
	void *volatile block;

	if (posix_memalign(&posix, 64, 1000))
		return 1;
	block = aligned_alloc(256, 2048);
	block = memalign(128, 360);
	block = valloc(4000);
	block = pvalloc(8192);
	return block == NULL;
}

int main(void)
{
	return lose();
}
