// mremap grows, moves and shrinks: the region keeps its size of the moment.
// pitfall: P52
// expect: state=clean regions.mmap.bytes=40960
// expect: site kind=mmap function=main line=21 bytes=40960
#define _GNU_SOURCE
#include <sys/mman.h>

#define ANONYMOUS MAP_PRIVATE | MAP_ANONYMOUS

int main(void)
{
	char *place = mmap(0, 1 << 20, PROT_NONE, ANONYMOUS, -1, 0);
	char *region = mmap(0, 8192, PROT_READ | PROT_WRITE, ANONYMOUS, -1, 0);
	char *moved;

	region[5] = 7;
	moved = mremap(region, 8192, 65536, MREMAP_MAYMOVE);
	if (moved == MAP_FAILED || moved[5] != 7)
		return 1;
	moved = mremap(moved, 65536, 40960, 0);
	moved = mremap(moved, 40960, 40960, MREMAP_MAYMOVE | MREMAP_FIXED, place + 65536);
	if (moved != place + 65536 || moved[5] != 7)
		return 2;
	munmap(place, 65536);
	munmap(place + 65536 + 40960, (1 << 20) - 65536 - 40960);
	return 0;
}
