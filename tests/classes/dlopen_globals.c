// Globals of a library that was loaded later keep blocks; those of one that was unloaded do not. Its
// thread-local ones do: the loader keeps them until another library takes their place.
// classes: definite=112/2 reachable=128/3
// loader: possible=0/-2 reachable=0/2: the loader's list of what is mapped, aligned by hand
// lib: kept parts/tls_library.c
// lib: gone parts/tls_library.c -DGONE
#include "parts/far.h"

#include <dlfcn.h>
#include <stdlib.h>

static void *keep(const char *file, const char *function, size_t size)
{
	void *library = dlopen(file, RTLD_NOW);
	void (*keep)(size_t size) = library ? (void (*)(size_t))dlsym(library, function) : NULL;

	if (!keep)
		exit(1);
	keep(size);
	return library;
}

static void work(void)
{
	keep("./libkept.so", "keep_in_global", 40);
	dlclose(keep("./libgone.so", "keep_in_global", 56));
	dlclose(keep("./libgone.so", "keep_in_tls", 48));
}

int main(void)
{
	far_below(work);
	return 0;
}
