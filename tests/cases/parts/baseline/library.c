/* The program's own shared library. */
#include "program.h"

#include <stdlib.h>

void library_lose(int count)
{
	for (int i = 0; i < count; i++)
		drop(malloc(70));
	if (IS_NEW(9))
		drop(calloc(1, 9009));
}

void library_call_back(void (*call)(int), int value)
{
	call(value);
	call(value + 1);
}
