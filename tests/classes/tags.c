// A pointer with a tag in its low bits possibly keeps a block; with tags=1 it does. High bits hide it.
// classes: definite=40/1 indirect=80/1 possible=136/3 reachable=48/1
// classes tags=0: definite=40/1 indirect=80/1 possible=136/3 reachable=48/1
// classes tags=1: definite=40/1 indirect=80/1 reachable=184/4
// classes heuristics=none: definite=40/1 indirect=80/1 possible=136/3 reachable=48/1
#include "parts/far.h"

#include <stdint.h>
#include <stdlib.h>

static uintptr_t low[2], high, plain;

static void work(void)
{
	uintptr_t *child = calloc(1, 48);

	low[0] = (uintptr_t)calloc(1, 48) | 1;
	low[1] = (uintptr_t)child | 7;
	child[2] = (uintptr_t)malloc(40) | 4;

	uintptr_t *hidden = calloc(1, 40);
	hidden[0] = (uintptr_t)malloc(80);
	high = (uintptr_t)hidden | (uintptr_t)0xfffc << 48;
	plain = (uintptr_t)malloc(48);
}

int main(void)
{
	far_below(work);
	return 0;
}
