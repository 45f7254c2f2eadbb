/* A function whose implementation is chosen when it is bound, by a resolver that allocates. */
#include <stdlib.h>

static void *volatile kept;

static int identity(int n)
{
	return n;
}

static int (*resolve(void))(int)
{
	kept = malloc(77);
	return identity;
}

int chosen(int n) __attribute__((ifunc("resolve")));
