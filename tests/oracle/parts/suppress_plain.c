/* The part in C of the program that suppressions are tried on, see suppress_main.cc. */
#include <stdlib.h>
#include <string.h>

extern void *volatile sink;

#define NOINLINE __attribute__((noinline))

NOINLINE void c_leak(void)
{
	sink = malloc(1001);
	sink = NULL;
}

static NOINLINE void c_static(void)
{
	sink = calloc(1, 1003);
	sink = NULL;
}

static inline __attribute__((always_inline)) void c_inlined(void)
{
	sink = malloc(1005);
	sink = NULL;
}

NOINLINE void c_inliner(void)
{
	c_inlined();
}

NOINLINE void c_realloc(void)
{
	sink = realloc(malloc(10), 1007);
	sink = NULL;
}

NOINLINE void c_aligned(void)
{
	void *block;

	if (posix_memalign(&block, 64, 1009) == 0)
		sink = block;
	sink = NULL;
}

NOINLINE void c_strdup(void)
{
	sink = strdup("as long as twenty-seven by");
	sink = NULL;
}

NOINLINE void c_recursive(int n)
{
	if (n) {
		c_recursive(n - 1);
		return;
	}
	sink = malloc(1013);
	sink = NULL;
}

static NOINLINE void **make_head(size_t size)
{
	return malloc(size);
}

static NOINLINE void **make_tail(size_t size)
{
	return malloc(size);
}

NOINLINE void c_list(void)
{
	void **head = make_head(1017);
	*head = make_tail(1019);
	**(void ***)head = NULL;
	sink = head;
	sink = NULL;
}

NOINLINE void c_step(void)
{
	c_leak();
	c_static();
}

void plain_run(void)
{
	c_step();
	c_inliner();
	c_realloc();
	c_aligned();
	c_strdup();
	c_recursive(3);
	c_list();
}
