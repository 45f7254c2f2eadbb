// Each lost structure has a leader of its own: a block, a chain, a cycle with a tail, a star.
// classes: definite=160/4 indirect=720/9
#include "parts/far.h"

#include <stdlib.h>

/* Leaders have 40 bytes, what they lose 80: also the cycle, of which any may be the leader. */
static void *leader(void *a, void *b, void *c)
{
	void **block = calloc(1, 40);

	block[0] = a;
	block[2] = b;
	block[4] = c;
	return block;
}

static void *lost(void *next)
{
	void **block = calloc(1, 80);

	block[9] = next;
	return block;
}

static void work(void)
{
	leader(NULL, NULL, NULL);
	leader(lost(lost(lost(NULL))), NULL, NULL);
	leader(lost(NULL), lost(NULL), lost(NULL));

	void **first = lost(NULL), **second = lost(first), **third = lost(NULL);
	first[0] = second;
	second[0] = third;
	leader(first, NULL, NULL);
}

int main(void)
{
	far_below(work);
	return 0;
}
