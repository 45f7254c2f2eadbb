// A plugin with its own operator new goes; the next one's operator new is the C++ library's.
// pitfall: P5 P50
// lib: own parts/own_new.cc
// lib: plain parts/plain_new.cc
// flags: -ldl
// expect: state=clean
// expect: site file=plain_new.cc function=plain_work bytes=96 blocks=4 allocator=operator_new
#include <dlfcn.h>

static int visit(const char *path, const char *name)
{
	void *plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	void (*work)(void);

	if (!plugin)
		return 1;
	*(void **)&work = dlsym(plugin, name);
	work();
	return dlclose(plugin);
}

int main(void)
{
	return visit("./libown.so", "own_work") || visit("./libplain.so", "plain_work");
}
