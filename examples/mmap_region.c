/*
 * Mapped regions that are never unmapped: not heap, but memory all the same.
 *
 * expect: state=clean live.blocks=0 regions.mmap.bytes=1048576 regions.mmap.count=4
 * expect: site kind=mmap function=map_window line=14 bytes=1048576 blocks=4 allocator=mmap frame=main
 */
#include <stdlib.h>
#include <sys/mman.h>

#define WINDOW_BYTES (256 * 1024)

static char *map_window(void)
{
	char *window = mmap(NULL, WINDOW_BYTES, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (window == MAP_FAILED)
		exit(1);
	window[0] = 1;
	return window;
}

int main(void)
{
	for (int i = 0; i < 6; i++) {
		char *window = map_window();

		if (i < 2)
			munmap(window, WINDOW_BYTES);
	}
	return 0;
}
