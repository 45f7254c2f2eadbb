// A library in a namespace of its own has another libc: it works, the program's own blocks are recorded, and the
// report counts the namespaces, in which nothing is seen. One that
// is closed makes room for the next.
// pitfall: P12
// lib: inner parts/namespace_inner.c
// flags: -ldl
// expect: state=clean not_recorded.namespaces=2 not_recorded.unknown_frees=0 not_recorded.missed_frees=0
// expect: site function=main line=26 bytes=600 blocks=60
// expect: nosite file=namespace_inner.c function=inner_work
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>

static void *volatile last;

int main(void)
{
	for (int i = 0; i < 3; i++) {
		void *library = dlmopen(LM_ID_NEWLM, "./libinner.so", RTLD_NOW);
		int (*work)(int);

		if (!library)
			return 1;
		*(void **)&work = dlsym(library, "inner_work");
		for (int n = 0; n < 20; n++)
			last = malloc(10);
		if (work(1000) != 1000)
			return 2;
		if (i == 0 && dlclose(library))
			return 3;
	}
	return 0;
}
