// A failing mmap, munmap or mremap leaves nothing behind; errno is the kernel's.
// pitfall: P20
// expect: state=clean regions.mmap.bytes=0 regions.mmap.count=0
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>

int main(void)
{
	errno = 0;
	if (mmap(0, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED || errno != EINVAL)
		return 1;
	errno = 0;
	if (mmap(0, 4096, PROT_READ, MAP_PRIVATE, -1, 0) != MAP_FAILED || errno != EBADF)
		return 2;
	errno = 0;
	if (munmap((void *)1, 4096) != -1 || errno != EINVAL)
		return 3;
	errno = 0;
	if (mremap((void *)4096, 4096, 8192, 0) != MAP_FAILED || errno != EFAULT)
		return 4;
	return 0;
}
