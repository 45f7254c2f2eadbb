/*
 * A region that is trimmed at both ends and in the middle: what is left is three pieces less the
 * holes, 64 KiB - 4 KiB - 8 KiB - 4 KiB, still owned by the call that mapped it.
 *
 * expect: state=clean regions.mmap.bytes=49152
 * expect: site kind=mmap function=map_arena line=13 bytes=49152 allocator=mmap
 */
#include <stdlib.h>
#include <sys/mman.h>

static char *map_arena(void)
{
	char *arena = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (arena == MAP_FAILED)
		exit(1);
	return arena;
}

int main(void)
{
	char *arena = map_arena();

	munmap(arena, 4096);
	munmap(arena + 65536 - 4096, 4096);
	munmap(arena + 32768, 8192);
	return 0;
}
