#include "told.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

struct model_log *told;

void wrong(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(told->wrong, sizeof(told->wrong), format, arguments);
	va_end(arguments);
	_exit(99);
}

uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 2685821657736338717ull >> 16;
}
