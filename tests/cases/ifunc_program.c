// The program's and a library's IFUNC resolvers allocate, all bound at start: by the flag and by LD_BIND_NOW.
// pitfall: P8
// lib: early parts/early.c -Wl,-z,now
// flags: -L. -learly -Wl,-rpath,$PWD -Wl,-z,now
// env: LD_BIND_NOW=1
// expect: state=clean not_recorded.early_blocks>=1
#define main library_main
#include "ifunc_library.c"
#undef main

static void *volatile kept;

static int one(void)
{
	return 1;
}

static int (*resolve(void))(void)
{
	kept = calloc(10, 4);
	free(realloc(malloc(50), 5000));
	return one;
}

int choose(void) __attribute__((ifunc("resolve")));

int main(void)
{
	return choose() != 1 || kept == NULL ? 9 : library_main();
}
