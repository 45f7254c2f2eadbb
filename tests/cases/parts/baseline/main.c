/* Usage: program [NUMBER…]: with the new leaks of these numbers. */
#include "program.h"

#include <stdlib.h>
#include <string.h>

static unsigned chosen;
static void *volatile sink;

#ifdef NEW_LEAKS
int is_new(int number)
{
	return chosen >> number & 1;
}
#endif

void drop(void *block)
{
	sink = block;
	sink = NULL;
}

/* What is left on the stack and in registers would keep some blocks. */
__attribute__((noinline)) static void wipe(void)
{
	volatile char room[16384];

	for (size_t i = 0; i < sizeof(room); i++)
		room[i] = 0;
}

int main(int count, char **arguments)
{
	for (int i = 1; i < count; i++)
		chosen |= 1u << atoi(arguments[i]);
	lose_in_c(3);
	wipe();
	lose_in_cxx(3);
	wipe();
	return 0;
}
