// A library loaded with RTLD_DEEPBIND allocates past the recorder, blocks cross in both directions.
// pitfall: P11
// lib: deep parts/deep.c
// flags: -ldl
// expect: state=clean
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
	void *library = dlopen("./libdeep.so", RTLD_NOW | RTLD_DEEPBIND);
	void *(*make)(void);
	void (*drop)(void *);

	if (!library)
		return 1;
	*(void **)&make = dlsym(library, "deep_make");
	*(void **)&drop = dlsym(library, "deep_drop");
	for (int i = 0; i < 1000; i++) {
		char *theirs = make(), *ours = malloc(20);

		if (strcmp(theirs, "made deep inside"))
			return 2;
		free(theirs);
		drop(ours);
		ours = malloc(20);
		ours = realloc(make(), 3000);
		free(ours);
	}
	return 0;
}
