/*
 * Blocks from which an aligned piece was cut, of which alone the program keeps a pointer: valgrind
 * calls them possibly lost, the heuristic `aligned` knows that they can be freed, if the block's
 * start stands beside the piece. The loader's own blocks of this kind are why it is there.
 * classes heuristics=none: possible=1408/4
 * classes: possible=352/1 reachable=1056/3
 * explain: possible=-1056/-3 reachable=1056/3: memcheck has no such heuristic
 */
#include "parts/far.h"

#include <stdint.h>
#include <stdlib.h>

static void **pieces[4];

static void work(void)
{
	for (int i = 0; i < 4; i++) {
		void *block = calloc(1, 352);
		uintptr_t piece = ((uintptr_t)block + 64) & -(uintptr_t)64;

		pieces[i] = (void **)piece;
		if (i < 3)
			pieces[i][i - 1] = block;
	}
}

int main(void)
{
	far_below(work);
	return 0;
}
