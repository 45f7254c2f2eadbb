// A block that seemed a leader, by its low address, is indirectly lost when a later one points at it.
// classes: definite=48/1 indirect=240/5
#include "parts/far.h"

#include <stdint.h>
#include <stdlib.h>

static int by_address(const void *a, const void *b)
{
	uintptr_t left = *(const uintptr_t *)a, right = *(const uintptr_t *)b;

	return left < right ? -1 : left > right;
}

static void **blocks[6];

static void work(void)
{
	for (int i = 0; i < 6; i++)
		blocks[i] = calloc(1, 48);
	qsort(blocks, 6, sizeof(blocks[0]), by_address);
	/* 0 <- 1 <- 4 <- 5, 2 <- 3 <- 5: each list from its highest address on. */
	blocks[1][0] = blocks[0];
	blocks[4][1] = blocks[1];
	blocks[3][2] = blocks[2];
	blocks[5][3] = blocks[4];
	blocks[5][5] = blocks[3];
	for (int i = 0; i < 6; i++)
		blocks[i] = NULL;
}

int main(void)
{
	far_below(work);
	return 0;
}
