// A library's constructor waits for a thread that is the first to call each interposed function: dlopen
// holds the loader's lock meanwhile, and whoever looked a function up only now would wait for ever.
// pitfall: P6 P7 F3
// lib: callers parts/calls_every_hook.c -Wl,-z,now -lstdc++ -lpthread
// flags: -ldl
// timeout: 30
// expect: process 0 state=clean regions.mmap.bytes=0 regions.shm.bytes=0 totals.frees>=30
// expect: process 0 not_recorded.dropped_events=0 not_recorded.unknown_frees=0 not_recorded.missed_frees=0
// expect: site file=calls_every_hook.c function=constructor line=274 bytes=77 blocks=1
// expect: nosite file=calls_every_hook.c function=call_all
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	void *library = dlopen("./libcallers.so", RTLD_NOW | RTLD_LOCAL);
	int (*called)(void);

	if (!library)
		return 1;
	*(void **)&called = dlsym(library, "calls_count");
	printf("%d calls\n", called());
	return dlclose(library);
}
