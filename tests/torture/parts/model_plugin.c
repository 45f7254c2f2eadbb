/* A library that the model program loads and unloads (model/libraries.c): it allocates while it is
 * loaded, keeps thread-local variables, and makes blocks that may outlive it. */
#include <stdlib.h>

static __thread char local[200];
static void *constructed;

static __attribute__((constructor)) void constructor(void)
{
	constructed = malloc(64);
}

static __attribute__((destructor)) void destructor(void)
{
	free(constructed);
}

/* The call site: its address is what the model notes. */
__attribute__((noinline, aligned(512))) void *plugin_make(size_t size)
{
	void *made = malloc(size);

	__asm__ volatile("" : "+r"(made));
	return made;
}

void plugin_free(void *block)
{
	local[1]++;
	free(block);
}
