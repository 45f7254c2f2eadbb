/* A library whose IFUNC resolver allocates while the loader relocates it. */
#include <stdlib.h>

static void *early_block;

static int two(void)
{
	return 2;
}

static int (*resolve(void))(void)
{
	early_block = malloc(40);
	free(malloc(50));
	early_block = realloc(early_block, 80);
	return two;
}

static int chosen(void) __attribute__((ifunc("resolve")));

int early_number(void)
{
	return chosen();
}

void *early_take(void)
{
	return early_block;
}
