/*
 * A second witness: counts calls and bytes of the malloc family, and nothing else. Where valgrind's
 * run of a program differs because the program does (its addresses, its /proc are others there), this
 * counter, preloaded in the recorder's place, must agree with the recorder.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t),
	*__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static unsigned long allocs, frees, bytes;

static void *count(void *block, size_t size)
{
	if (block) {
		__atomic_fetch_add(&allocs, 1, __ATOMIC_RELAXED);
		__atomic_fetch_add(&bytes, size, __ATOMIC_RELAXED);
	}
	return block;
}

void *malloc(size_t size)
{
	return count(__libc_malloc(size), size);
}

void *calloc(size_t n, size_t size)
{
	return count(__libc_calloc(n, size), n * size);
}

void free(void *block)
{
	if (block)
		__atomic_fetch_add(&frees, 1, __ATOMIC_RELAXED);
	__libc_free(block);
}

void *realloc(void *block, size_t size)
{
	void *moved = __libc_realloc(block, size);

	if (block && (moved || size == 0))
		__atomic_fetch_add(&frees, 1, __ATOMIC_RELAXED);
	return count(moved, size);
}

void *memalign(size_t align, size_t size)
{
	return count(__libc_memalign(align, size), size);
}

void *aligned_alloc(size_t align, size_t size)
{
	return memalign(align, size);
}

int posix_memalign(void **ret, size_t align, size_t size)
{
	void *block = memalign(align, size);

	if (!block)
		return ENOMEM;
	*ret = block;
	return 0;
}

static void print(int status, void *unused)
{
	unsigned long counts[] = {allocs, frees, bytes}; /* before fopen adds its own */
	FILE *out = fopen(getenv("COUNTER_OUT"), "w");

	(void)status;
	(void)unused;
	if (out) {
		fprintf(out, "%lu %lu %lu\n", counts[0], counts[1], counts[2]);
		fclose(out);
	}
}

__attribute__((constructor)) static void start(void)
{
	on_exit(print, NULL);
}
