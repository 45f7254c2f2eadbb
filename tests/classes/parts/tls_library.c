/* A library with thread-local and global variables that keep blocks. */
#include <stdlib.h>

static __thread void *tls[100];
static void *global, *array[1000];

void keep_in_tls(size_t size)
{
	tls[57] = malloc(size);
}

void keep_in_global(size_t size)
{
	global = malloc(size);
	array[999] = malloc(size);
}
