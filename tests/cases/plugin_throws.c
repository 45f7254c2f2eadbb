// A C program that loads a C++ plugin, RTLD_LOCAL: its new and its exceptions work and are seen.
// pitfall: P14 P50
// lib: thrower parts/thrower.cc
// flags: -ldl
// expect: state=clean
// expect: site file=thrower.cc function=thrower_work line=20 bytes=240 blocks=10 allocator=operator_new
#include <dlfcn.h>

int main(void)
{
	void *plugin = dlopen("./libthrower.so", RTLD_NOW | RTLD_LOCAL);
	int (*work)(int);

	if (!plugin)
		return 1;
	*(void **)&work = dlsym(plugin, "thrower_work");
	return work(10) != 10;
}
