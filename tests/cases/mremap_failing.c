// A munmap or mremap that fails leaves a region as it was, not in pieces, also in the middle of it.
// expect: state=clean regions.mmap.bytes=131072 regions.mmap.count=2
// expect: site kind=mmap function=main line=16 bytes=65536 blocks=1
// expect: site kind=mmap function=main line=17 bytes=65536 blocks=1
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

#define PAGE 4096
#define ANONYMOUS MAP_PRIVATE | MAP_ANONYMOUS

int main(void)
{
	char *place = mmap(0, 32 * PAGE, PROT_NONE, ANONYMOUS, -1, 0);
	char *low = mmap(place, 16 * PAGE, PROT_READ, ANONYMOUS | MAP_FIXED, -1, 0);
	char *high = mmap(place + 16 * PAGE, 16 * PAGE, PROT_READ | PROT_WRITE, ANONYMOUS | MAP_FIXED, -1, 0);

	/* There is no room to grow in place, at the beginning, in the middle and at the end. */
	for (int at = 0; at < 16; at += 5) {
		errno = 0;
		if (mremap(low + at * PAGE, PAGE, 40 * PAGE, 0) != MAP_FAILED || errno != ENOMEM)
			return 1;
	}
	/* Two mappings are not one. */
	errno = 0;
	if (mremap(high - 3 * PAGE, 6 * PAGE, 12 * PAGE, MREMAP_MAYMOVE) != MAP_FAILED || errno != EFAULT)
		return 2;
	errno = 0;
	if (munmap(low + 5 * PAGE + 1, PAGE) != -1 || errno != EINVAL)
		return 3;
	errno = 0;
	if (munmap(low + 5 * PAGE, SIZE_MAX) != -1 || errno != EINVAL)
		return 4;
	return 0;
}
