// Libraries that are unloaded and others loaded at the same address: no row of the old one is used.
// Frames of the same return address have another size each time.
// pitfall: P4
// lib: one parts/reload_one.c -O2
// lib: two parts/reload_two.c -O2
// lib: three parts/reload_three.c -O2
// flags: -O2 -ldl
// verify: events>=2000 libunwind: other<=100000 shorter<=100000 longer<=100000
// expect: state=clean not_recorded.partial_stacks=0
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

static void make(int size)
{
	void *volatile block = malloc((size_t)size + 1);

	free(block);
}

int main(void)
{
	static const char *const names[] = {"./libone.so", "./libtwo.so", "./libthree.so"};
	uintptr_t places[3] = {0};
	int same = 0;

	for (int i = 0; i < 150; i++) {
		void *library = dlopen(names[i % 3], i % 2 ? RTLD_NOW : RTLD_LAZY);
		void (*work)(void (*)(int), int);

		if (!library)
			return 1;
		*(void **)&work = dlsym(library, "work");
		places[i % 3] = (uintptr_t)work & ~4095ul;
		same += i > 2 && places[0] == places[1] && places[1] == places[2];
		for (int n = 0; n < 10; n++)
			work(make, n);
		dlclose(library);
		make(i);
	}
	/* Where libraries are put is not up to us; the test only means something when they meet. */
	return same == 0;
}
