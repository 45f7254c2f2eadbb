/* A plugin that opens a library by a bare name. */
#include <dlfcn.h>
#include <stdlib.h>

static void *volatile kept;

int plugin_found(void)
{
	void *library = dlopen("libinner.so", RTLD_NOW);
	int (*found)(void);

	kept = malloc(30);
	if (!library)
		return 0;
	*(void **)&found = dlsym(library, "found");
	return found();
}
