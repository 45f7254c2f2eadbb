/* Leaks three blocks of 10 bytes and ends with status 9. */
#include <stdlib.h>

static void *volatile last;

int main(void)
{
	for (int i = 0; i < 3; i++)
		last = malloc(10);
	return 9;
}
