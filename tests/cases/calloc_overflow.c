// Requests that cannot be met leave no trace but the program's own NULL and ENOMEM.
// flags: -fno-builtin -Wno-alloc-size-larger-than -Wno-calloc-transposed-args
// expect: state=clean totals.allocs=0 totals.frees=0 live.blocks=0 totals.allocated_bytes=0
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>

int main(void)
{
	volatile size_t half = SIZE_MAX / 2 + 2, huge = PTRDIFF_MAX, three = 3;
	void *block = (void *)1;
	int failed = 0;

	errno = 0;
	failed |= calloc(half, 2) != NULL || errno != ENOMEM;
	errno = 0;
	failed |= (reallocarray(NULL, half, 2) != NULL || errno != ENOMEM) << 1;
	errno = 0;
	failed |= (malloc(huge) != NULL || errno != ENOMEM) << 2;
	errno = 0;
	failed |= (memalign(64, huge) != NULL || errno != ENOMEM) << 3;
	errno = 7;
	failed |= (posix_memalign(&block, three, 10) != EINVAL || errno != 7) << 4;
	failed |= (posix_memalign(&block, 64, huge) != ENOMEM) << 5;
	return failed;
}
