// 4000 blocks with chance pointers to starts, into the midst and past the end fall into memcheck's classes.
// classes: definite=175152/1525 indirect=156484/1404 possible=50907/444 reachable=71109/627
#include "parts/far.h"

#include <stdint.h>
#include <stdlib.h>

enum { COUNT = 4000, NEAR = 30 };

static char *roots[COUNT];
static uint32_t state = 12345;

static uint32_t chance(uint32_t below)
{
	state = state * 1664525 + 1013904223;
	return (state >> 8) % below;
}

static uint32_t sizes[COUNT];

/* Of a block that is near in the order of addresses, so that there are many small cliques. */
static char *pointer(char **blocks, int from)
{
	int to = from + (int)chance(2 * NEAR) - NEAR;
	uint32_t kind = chance(20);

	to = (to + COUNT) % COUNT;
	if (kind == 0)
		return blocks[to] + sizes[to];
	if (kind < 5)
		return blocks[to] + chance(sizes[to] + 1);
	return blocks[to];
}

/* In cycles, the class of a block depends on the order of addresses: it has to be the same with
 * every malloc. */
static void work(void)
{
	char **blocks = malloc(COUNT * sizeof(*blocks));

	for (int i = 0; i < COUNT; i++) {
		sizes[i] = chance(8) ? 8 * chance(30) : chance(200);
		blocks[i] = calloc(1, sizes[i]);
		if (i && blocks[i] < blocks[i - 1])
			exit(1);
	}
	for (int i = 0; i < COUNT; i++) {
		for (uint32_t links = chance(3); links && sizes[i] >= 8; links--) {
			uint32_t at = chance(sizes[i] / 8);
			((char **)blocks[i])[at] = pointer(blocks, i);
		}
		if (chance(12) == 0)
			roots[i] = pointer(blocks, i);
	}
	for (int i = 0; i < COUNT; i++)
		blocks[i] = NULL;
	free(blocks);
}

int main(void)
{
	far_below(work);
	return 0;
}
