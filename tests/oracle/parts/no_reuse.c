/* A heap in which no address is used twice, as memcheck's is for a long time: free keeps everything. */
#include <malloc.h>
#include <stddef.h>
#include <string.h>

extern void *__libc_malloc(size_t size);

void free(void *block)
{
	(void)block;
}

void *realloc(void *block, size_t size)
{
	size_t before = block ? malloc_usable_size(block) : 0;
	void *ret = __libc_malloc(size);

	return ret && block ? memcpy(ret, block, before < size ? before : size) : ret;
}
