// Nobody looks at the blocks of a process that aborts, either: its memory may be what is broken.
// signal: 6
// classes use_globals=1: unknown=90/2
#include <stdlib.h>

static void *volatile kept;

int main(void)
{
	kept = malloc(40);
	kept = malloc(50);
	abort();
}
