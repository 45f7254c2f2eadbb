// A thread with a 16 KiB stack of which 9 KiB are in use learns 300 new functions and 256 new stacks of them.
// pitfall: P22
// flags: -lpthread -Wl,-z,now
// expect: state=clean not_recorded.dropped_events=0 not_recorded.partial_stacks=0
// expect: site frame=deep kind=heap bytes=5560 blocks=556
// expect: site function=left frame=deep bytes=1280 blocks=128
// expect: site function=right frame=deep bytes=1280 blocks=128
// expect: sites=557
#include "parts/tiny_thread.h"
#include <stdlib.h>
#include <string.h>

#include "parts/functions.h"

#define CALL(n) static void call_##n(void) { last = malloc(10); sum++; }
#define NAME(n) call_##n,

static void *volatile last;
static volatile int sum;

FUNCTIONS(CALL)
static void (*const calls[])(void) = {FUNCTIONS(NAME)};

static void right(unsigned bits, int depth);

static __attribute__((noinline)) void left(unsigned bits, int depth)
{
	if (depth == 0)
		last = malloc(10);
	else
		(bits & 1 ? left : right)(bits >> 1, depth - 1);
	sum++;
}

static __attribute__((noinline)) void right(unsigned bits, int depth)
{
	if (depth == 0)
		last = malloc(10);
	else
		(bits & 1 ? left : right)(bits >> 1, depth - 1);
	sum++;
}

static __attribute__((noinline)) void deep(void)
{
	char used[9 * 1024];

	memset(used, 1, sizeof used);
	for (int i = 0; i < 300; i++)
		calls[i]();
	for (unsigned bits = 0; bits < 256; bits++)
		left(bits, 8);
	__asm__ volatile("" ::"r"(used) : "memory");
}

int main(void)
{
	return in_tiny_thread(deep);
}
