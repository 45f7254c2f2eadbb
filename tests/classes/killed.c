// Nobody looks at the blocks of a process that was killed: they are of unknown class.
// signal: 9
// classes use_globals=1: unknown=90/2
#include <signal.h>
#include <stdlib.h>

static void *volatile kept;

int main(void)
{
	kept = malloc(40);
	kept = malloc(50);
	raise(SIGKILL);
	return 0;
}
