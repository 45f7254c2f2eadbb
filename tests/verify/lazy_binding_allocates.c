// What is allocated while a symbol is bound lazily has the caller of that symbol in its stack: the
// loader's trampoline keeps its frame in rbx.
// lib: chosen parts/chosen.c -O1
// flags: -O1 -L. -lchosen -Wl,-rpath,. -Wl,-z,lazy -fno-builtin
// verify: events>=1
// expect: state=clean not_recorded.partial_stacks=0
// expect: site file=chosen.c function=resolve frame=caller bytes=77 blocks=1
#include <stdlib.h>

int chosen(int n);

static __attribute__((noinline)) int caller(int n)
{
	return chosen(n) + 1;
}

int main(void)
{
	return caller(41) != 42;
}
