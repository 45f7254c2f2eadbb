// What atexit handlers, library destructors and our own destructors free is no leak.
// pitfall: P41 F6 F7
// lib: late parts/late.c
// flags: -L. -llate -Wl,-rpath,$PWD
// expect: state=clean live.blocks=0 live.bytes=0 not_recorded.unknown_frees=0
#include <stdlib.h>

void late_keep(void *block);

static void *own, *destructed;

static void at_exit(void)
{
	free(own);
	own = malloc(5);
	free(own);
}

static __attribute__((destructor)) void destructor(void)
{
	free(destructed);
}

int main(void)
{
	own = malloc(10);
	destructed = malloc(11);
	late_keep(malloc(12));
	return atexit(at_exit);
}
