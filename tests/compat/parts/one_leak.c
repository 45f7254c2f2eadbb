/* The program of one_leak.mk. Its status is its argument. */
#include <stdlib.h>

#ifndef LEAK
#define LEAK 0
#endif

static __attribute__((noinline)) void lose(void)
{
	volatile char *block = malloc(10);

	block[0] = 1;
}

int main(int count, char **arguments)
{
	if (LEAK)
		lose();
	return count > 1 ? atoi(arguments[1]) : 0;
}
