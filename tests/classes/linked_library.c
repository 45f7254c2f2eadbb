// Globals and thread-local variables of a library that the program is linked with keep blocks.
// classes: reachable=130/3
// classes use_globals=0: definite=100/2 reachable=30/1
// classes use_tls=0: definite=30/1 reachable=100/2
// lib: kept parts/tls_library.c
// flags: -L. -lkept -Wl,-rpath,$PWD
#include "parts/far.h"

#include <stddef.h>

void keep_in_tls(size_t size);
void keep_in_global(size_t size);

static void work(void)
{
	keep_in_tls(30);
	keep_in_global(50);
}

int main(void)
{
	far_below(work);
	return 0;
}
