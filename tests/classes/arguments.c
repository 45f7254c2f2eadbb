// The memory of arguments and environment above the main stack keeps blocks.
// classes: reachable=100/2
// args: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
// env: KEEP=yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy
#include "parts/far.h"

#include <stdint.h>
#include <stdlib.h>

static char *argument;

static void **aligned(char *text)
{
	return (void **)(((uintptr_t)text + 7) & ~(uintptr_t)7);
}

static void work(void)
{
	*aligned(argument) = malloc(40);
	*aligned(getenv("KEEP")) = malloc(60);
}

int main(int count, char **arguments)
{
	if (count != 2)
		return 1;
	argument = arguments[1];
	far_below(work);
	return 0;
}
