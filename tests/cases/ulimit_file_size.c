// ulimit -f 0: no SIGXFSZ, the program runs; its image is in memory, and goes with it.
// pitfall: P26 F17
// launch: bash -c 'ulimit -f 0; exec "$@"' -
// status: 9
// expect: images=0
#include <stdlib.h>

static void *volatile last;

int main(void)
{
	for (int i = 0; i < 3; i++)
		last = malloc(10);
	return 9;
}
