// One munmap over a hundred mappings: none is left, and nothing is said to be lost.
// pitfall: P52
// expect: regions.mmap.count=0 not_recorded.dropped_regions=0
#include <stddef.h>
#include <sys/mman.h>

#define PAGE 4096

int main(void)
{
	char *all = mmap(NULL, 100 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (int i = 0; i < 100; i++)
		mmap(all + i * PAGE, PAGE, i & 1 ? PROT_READ : PROT_NONE,
			MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return munmap(all, 100 * PAGE);
}
