// An IFUNC resolver that allocates, in a program that binds lazily.
// pitfall: P8
// flags: -Wl,-z,lazy
// expect: state=clean
#include <stdlib.h>

static void *volatile kept;

static int one(void)
{
	return 1;
}

static int (*resolve(void))(void)
{
	kept = malloc(40);
	free(malloc(50));
	return one;
}

int choose(void) __attribute__((ifunc("resolve")));

int main(void)
{
	return choose() != 1 || kept == NULL;
}
