// 2,000 different stacks of different depths: all of them are told apart.
// flags: -O1 -fno-optimize-sibling-calls
// expect: state=clean live.blocks=2048 live.bytes=6144 not_recorded.partial_stacks=0
// expect: sites=2048
#include <stdlib.h>

static void *volatile last;
static volatile int sum;

static __attribute__((noinline)) void left(unsigned bits, int depth);

static __attribute__((noinline)) void right(unsigned bits, int depth)
{
	if (depth == 0)
		last = malloc(3);
	else if (bits & 1)
		right(bits >> 1, depth - 1);
	else
		left(bits >> 1, depth - 1);
	sum++;
}

static __attribute__((noinline)) void left(unsigned bits, int depth)
{
	if (depth == 0)
		last = malloc(3);
	else if (bits & 1)
		right(bits >> 1, depth - 1);
	else
		left(bits >> 1, depth - 1);
	sum++;
}

int main(void)
{
	for (unsigned bits = 0; bits < 2048; bits++)
		left(bits, 11);
	return 0;
}
