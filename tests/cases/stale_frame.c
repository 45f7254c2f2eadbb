// Libraries by turns at one address, whose frames are 1 MiB and 24 bytes at the same return address: a walk
// by the rule of the one that is gone would leave the stack.
// pitfall: P4 P5
// lib: large parts/framed.c -DFRAME=0x100008
// lib: small parts/framed.c -DFRAME=0x18
// flags: -ldl
// expect: state=clean not_recorded.partial_stacks=0
// expect: site function=main line=31 module=liblarge.so bytes=500 blocks=50
// expect: site function=main line=31 module=libsmall.so bytes=500 blocks=50
#include <dlfcn.h>
#include <stdlib.h>

static void *volatile last;

int main(void)
{
	void *places[2] = {NULL, NULL};

	for (int i = 0; i < 100; i++) {
		void *library = dlopen(i % 2 ? "./libsmall.so" : "./liblarge.so", RTLD_NOW);
		void *(*call)(void *(*)(size_t), size_t);

		if (!library)
			return 1;
		*(void **)&call = dlsym(library, "framed_call");
		places[i % 2] = (void *)call;
		if (i && places[0] != places[1])
			return 2;
		for (int n = 0; n < 50; n++)
			free(call(malloc, 10));
		last = call(malloc, 10);
		dlclose(library);
	}
	return 0;
}
