/* Loaded with RTLD_DEEPBIND: its malloc and free are libc's own, past every preload. */
#include <stdlib.h>
#include <string.h>

void *deep_make(void)
{
	return strcpy(malloc(20), "made deep inside");
}

void deep_drop(void *block)
{
	free(block);
}
