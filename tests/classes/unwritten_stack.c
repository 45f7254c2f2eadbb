// A local variable that was not written to still has what was there before, which may keep a block.
// classes: reachable=40/1
// explain: definite=-40/-1 reachable=40/1: memcheck knows which bytes were never written
#include <stdlib.h>

static __attribute__((noinline)) void leave_behind(void)
{
	void *volatile left[1000];

	for (int i = 0; i < 1000; i++)
		left[i] = NULL;
	left[500] = malloc(40);
}

static __attribute__((noinline)) void leave(void)
{
	void *volatile unwritten[1000];

	unwritten[1] = NULL;
	exit(0);
}

int main(void)
{
	leave_behind();
	leave();
}
