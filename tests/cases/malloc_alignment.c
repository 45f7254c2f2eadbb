// Every alignment that can be had is had, with the size that was asked for; one that cannot be is an error, and
// no block. malloc's own suits every type.
// expect: state=clean live.blocks=51 live.bytes=5100
// expect: site allocator=posix_memalign bytes=1700 blocks=17
// expect: site allocator=aligned_alloc bytes=1700 blocks=17
// expect: site allocator=memalign bytes=1700 blocks=17
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int main(void)
{
	void *block = NULL, *before = &block;

	for (size_t align = 8; align <= 1u << 19; align *= 2) {
		if (posix_memalign(&block, align, 100) || (uintptr_t)block % align)
			return 1;
		block = aligned_alloc(align, 100);
		if (!block || (uintptr_t)block % align)
			return 2;
		block = memalign(align, 100);
		if (!block || (uintptr_t)block % align)
			return 3;
	}
	/* Not a power of two, less than a pointer, none: EINVAL, and the pointer is left alone. */
	block = before;
	if (posix_memalign(&block, 24, 100) != EINVAL || posix_memalign(&block, 4, 100) != EINVAL ||
		posix_memalign(&block, 0, 100) != EINVAL || block != before)
		return 4;
	for (size_t size = 1; size < 3000; size += 7) {
		block = malloc(size);
		if ((uintptr_t)block % _Alignof(max_align_t) || malloc_usable_size(block) < size)
			return 5;
		free(block);
	}
	return 0;
}
