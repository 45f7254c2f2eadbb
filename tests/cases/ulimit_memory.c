// ulimit -v 200000: the recorder fits in, the program gets its memory.
// pitfall: P27 F17
// launch: bash -c 'ulimit -v 200000; exec "$@"' -
// expect: state=clean live.blocks=1002 not_recorded.dropped_events=0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *volatile last;

int main(void)
{
	char *big = malloc(100 << 20);

	if (!big)
		return 1;
	memset(big, 1, 100 << 20);
	for (int i = 0; i < 1000; i++)
		last = malloc(24);
	return puts("all there") < 0;
}
