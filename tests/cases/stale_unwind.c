// A second library at the place of an unloaded one: its frames unwind by its own rules.
// pitfall: P4
// lib: first parts/reuse_first.c
// lib: second parts/reuse_second.c
// flags: -ldl
// expect: state=clean not_recorded.partial_stacks=0
// expect: site file=reuse_second.c function=second_work frame=main blocks=2400
#include <dlfcn.h>

int main(void)
{
	for (int i = 0; i < 80; i++) {
		void *library = dlopen(i & 1 ? "./libsecond.so" : "./libfirst.so", RTLD_NOW);
		void (*work)(void);

		if (!library)
			return 1;
		*(void **)&work = dlsym(library, i & 1 ? "second_work" : "first_work");
		work();
		dlclose(library);
	}
	return 0;
}
