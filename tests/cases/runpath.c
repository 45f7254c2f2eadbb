// dlopen of a bare name finds the library by the program's own RUNPATH.
// pitfall: P10
// lib: found parts/found.c
// flags: -ldl -Wl,--enable-new-dtags,-rpath,\$ORIGIN
// expect: state=clean
#include <dlfcn.h>
#include <stddef.h>

int main(void)
{
	void *library = dlopen("libfound.so", RTLD_NOW);
	int (*found)(void);

	if (!library)
		return 1;
	*(void **)&found = dlsym(library, "found");
	return found() != 42;
}
