/* Blocks that are lost, to the byte; include it where no pointer to them may be left on the stack. */
#include <stdlib.h>
#include <string.h>

static __attribute__((noinline)) void lose(size_t size)
{
	void *volatile block = malloc(size);
	block = NULL;
}

/* One block loses another. */
static __attribute__((noinline)) void lose_two(size_t size, size_t inner)
{
	void *volatile *volatile block = malloc(size);
	*block = malloc(inner);
	block = NULL;
}

/* Overwrites what calls before have left on the stack. */
static __attribute__((noinline)) void clear(void)
{
	char dead[8192];

	memset(dead, 0, sizeof(dead));
	__asm__ volatile("" : : "r"(dead) : "memory");
}
