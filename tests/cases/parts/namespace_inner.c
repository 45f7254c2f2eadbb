/* Allocates, frees and keeps, by the libc of its namespace. */
#include <stdlib.h>
#include <string.h>

static void *volatile kept;

int inner_work(int rounds)
{
	int sum = 0;

	for (int i = 0; i < rounds; i++) {
		char *block = malloc(i + 1);

		memset(block, 1, i + 1);
		block = realloc(block, 3000);
		sum += block[0];
		if (i % 2)
			free(block);
		else
			kept = block;
	}
	return sum;
}
