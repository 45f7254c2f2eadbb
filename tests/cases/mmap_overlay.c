// MAP_FIXED over a part of a region takes that part from its first owner.
// pitfall: P52
// expect: state=clean regions.mmap.bytes=524288
// expect: site kind=mmap function=below line=10 bytes=393216 allocator=mmap
// expect: site kind=mmap function=over line=15 bytes=131072 allocator=mmap
#include <sys/mman.h>

static char *below(void)
{
	return mmap(0, 524288, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static char *over(char *place)
{
	return mmap(place, 131072, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

int main(void)
{
	char *region = below();

	return over(region + 65536) != region + 65536;
}
