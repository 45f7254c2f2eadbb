// A plugin with its own operator new and delete (-Bsymbolic) keeps them.
// pitfall: P50
// lib: opnew parts/opnew.cc -Wl,-Bsymbolic
// flags: -ldl
// expect: state=clean
#include <dlfcn.h>

int main()
{
	void *library = dlopen("./libopnew.so", RTLD_NOW | RTLD_LOCAL);
	int *own = new int(5);

	if (!library)
		return 1;
	int (*work)(int) = (int (*)(int))dlsym(library, "opnew_work");
	int sum = work(100);
	delete own;
	return sum != 4950;
}
