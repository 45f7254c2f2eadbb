// 30000 lost blocks, a lost list of 30000 and a kept one, through which no scan must call itself.
// classes: definite=720048/30001 indirect=1439952/29999 reachable=960000/30000
#include "parts/far.h"

#include <stdlib.h>

static void **kept;

static void **list(size_t size)
{
	void **head = NULL;

	for (int i = 0; i < 30000; i++) {
		void **block = malloc(size);
		block[0] = block[1] = block[2] = block[3] = NULL;
		block[i % 4] = head;
		head = block;
	}
	return head;
}

static void work(void)
{
	for (int i = 0; i < 30000; i++)
		calloc(1, 24);
	list(48);
	kept = list(32);
}

int main(void)
{
	far_below(work);
	return 0;
}
