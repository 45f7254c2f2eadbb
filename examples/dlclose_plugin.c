/*
 * A plugin that leaks and is unloaded: its frames still resolve, though no such library is mapped
 * any more when the program ends.
 *
 * lib: plugin parts/plugin.c
 * flags: -ldl
 * expect: state=clean
 * expect: site file=plugin.c function=plugin_work line=9 bytes=224 blocks=7 allocator=malloc
 * expect: site file=plugin.c function=plugin_work module=libplugin.so frame=main blocks=7
 */
#include <dlfcn.h>
#include <stddef.h>

int main(void)
{
	void *plugin = dlopen("./libplugin.so", RTLD_NOW);
	void *(*work)(int);

	if (!plugin)
		return 1;
	*(void **)&work = dlsym(plugin, "plugin_work");
	if (!work || !work(7))
		return 2;
	return dlclose(plugin);
}
