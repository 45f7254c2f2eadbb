// A program that brings its own malloc, calloc, realloc and free: they are called and not ours, by libraries, too, so
// nothing of the heap is recorded, and nothing disturbed; mapped memory is.
// flags: -rdynamic
// expect: state=clean totals.allocs=0 live.blocks=0
// expect: site kind=mmap function=main bytes=65536 blocks=1
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static char room[1 << 20] __attribute__((aligned(16)));
static size_t used;

void *malloc(size_t size)
{
	size_t *block = (size_t *)(room + used);

	used += (size + 31) & -16ul;
	*block = size;
	return block + 2;
}

void free(void *block)
{
	(void)block;
}

void *calloc(size_t count, size_t size)
{
	return malloc(count * size);
}

void *realloc(void *block, size_t size)
{
	void *moved = malloc(size);

	if (block)
		memcpy(moved, block, ((size_t *)block)[-2] < size ? ((size_t *)block)[-2] : size);
	return moved;
}

int main(void)
{
	char *copy = strdup("text");

	if (copy < room || copy >= room + sizeof(room) || strcmp(copy, "text"))
		return 1;
	copy = realloc(copy, 100);
	free(copy);
	return mmap(NULL, 65536, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}
