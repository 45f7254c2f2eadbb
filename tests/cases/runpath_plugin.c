// A plugin's dlopen of a bare name finds the library by the plugin's RUNPATH, which the program has not.
// pitfall: P10
// lib: inner parts/found.c
// lib: plugin parts/opens_inner.c -ldl -Wl,--enable-new-dtags,-rpath,\$ORIGIN/beside
// flags: -ldl
// expect: state=clean
// expect: site file=opens_inner.c function=plugin_found line=12 bytes=30 blocks=1
#include <dlfcn.h>
#include <stdio.h>
#include <sys/stat.h>

int main(void)
{
	void *plugin;
	int (*found)(void);

	mkdir("beside", 0700);
	rename("libinner.so", "beside/libinner.so"); /* in the first run */
	if (dlopen("libinner.so", RTLD_NOW))
		return 1; /* the test's own mistake */
	if (!(plugin = dlopen("./libplugin.so", RTLD_NOW)))
		return 2;
	*(void **)&found = dlsym(plugin, "plugin_found");
	return found() != 42;
}
