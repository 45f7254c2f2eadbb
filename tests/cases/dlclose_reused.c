// Two libraries that were at one address, one after the other: each frame names its own library.
// pitfall: P5
// lib: first parts/reuse_first.c
// lib: second parts/reuse_second.c
// flags: -ldl
// expect: state=clean
// expect: site file=reuse_first.c function=first_work module=libfirst.so bytes=550 blocks=50
// expect: site file=reuse_second.c function=second_work module=libsecond.so bytes=1320 blocks=60
#include <dlfcn.h>

static int visit(const char *path, const char *name)
{
	void *library = dlopen(path, RTLD_NOW);
	void (*work)(void);

	if (!library)
		return 1;
	*(void **)&work = dlsym(library, name);
	work();
	return dlclose(library);
}

int main(void)
{
	return visit("./libfirst.so", "first_work") | visit("./libsecond.so", "second_work");
}
