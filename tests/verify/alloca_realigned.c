// Frames whose size is known at run time only, and frames that are realigned, with and without both.
// machine: x86_64
// flags: -O2 -fomit-frame-pointer -mavx
// verify: events>=10000
// expect: state=clean not_recorded.partial_stacks=0
#include <alloca.h>
#include <stdint.h>
#include <stdlib.h>

#define KEPT __attribute__((noinline, noclone))

static volatile long sink;

static KEPT void make(long n)
{
	void *volatile block = malloc((size_t)n + 1);

	free(block);
}

static KEPT void grow(long n)
{
	volatile char *room = alloca((size_t)n * 24 + 1);

	room[0] = 1;
	make(n);
	sink += room[0];
}

static KEPT void array(long n)
{
	volatile char room[n + 1];

	room[n] = 1;
	grow(n);
	make(room[n]);
}

static KEPT void aligned(long n)
{
	volatile double grid[16] __attribute__((aligned(256)));

	grid[n & 15] = 1;
	array(n);
	sink += (uintptr_t)grid % 256 + (long)grid[n & 15];
}

static KEPT void aligned_and_grown(long n)
{
	volatile double grid[16] __attribute__((aligned(64)));
	volatile char *room = alloca((size_t)n + 1);

	grid[n & 15] = room[n] = 1;
	aligned(n);
	make(n);
	sink += (long)grid[n & 15] + room[n];
}

static KEPT __attribute__((force_align_arg_pointer)) void forced(long n)
{
	aligned_and_grown(n);
	make(n);
}

static KEPT void many_arguments(long a, long b, long c, long d, long e, long f, long g, long h)
{
	forced(a);
	sink += b + c + d + e + f + g + h;
	make(h);
}

int main(void)
{
	for (long i = 0; i < 2000; i++) {
		many_arguments(i % 300, 2, 3, 4, 5, 6, 7, i % 5);
		if (i % 3 == 0)
			aligned(i % 77);
	}
	return 0;
}
