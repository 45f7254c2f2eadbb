/* Blocks of many sizes: 901 are kept, by a table and by each other, and 600 are lost.
 * Of 8 bytes, there may be two in 16. */
#include "far.h"

#include <stdlib.h>

enum { COUNT = 300 };

static void **kept, *volatile lost;

static void *keep(size_t size)
{
	return calloc(1, size);
}

static void lose(size_t size)
{
	lost = calloc(1, size);
	lost = NULL;
}

static void work(void)
{
	kept = keep(2 * COUNT * sizeof(*kept));
	for (int i = 0; i < COUNT; i++) {
		void **holder = keep(16 + 3 * i % 300);

		kept[i] = holder;
		holder[1] = keep(40);
		lose(16 + 3 * i);
		kept[COUNT + i] = keep(8);
		lose(8);
	}
}

int main(void)
{
	far_below(work);
	return 0;
}
