/* Leaks a hundred blocks of 24 bytes, says so, and waits to be killed. */
#include <stdlib.h>
#include <unistd.h>

static void *volatile last;

int main(void)
{
	for (int i = 0; i < 100; i++)
		last = malloc(24);
	if (write(1, "ready\n", 6) != 6)
		return 1;
	pause();
	return 0;
}
