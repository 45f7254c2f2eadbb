/* The library that dlclose_plugin.c loads: it leaks, and then it is gone. */
#include <stdlib.h>

void *plugin_work(int rounds)
{
	void *last = NULL;

	for (int i = 0; i < rounds; i++)
		last = malloc(32);
	return last;
}
