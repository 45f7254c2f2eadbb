/* What ends with a call leaves no frame where it is optimised: "sibling calls". */
#include "program.h"

#include <stdlib.h>

static int made;

int unrelated_helper(int value)
{
	return value * 3 + made;
}

void *make_directly(size_t size)
{
	return malloc(size);
}

__attribute__((noinline)) static void *make_second(size_t size)
{
	made++;
	return malloc(size + 1);
}

void *make_by_two(size_t size)
{
	made += unrelated_helper(2);
	return make_second(size);
}

void *make_counted(size_t size)
{
	void *block = malloc(size);
	made++;
	return block;
}
