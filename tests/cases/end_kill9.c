/* The program is killed by SIGKILL: all 1000 blocks are in the image. */
/* pitfall: P40 */
// signal: 9
// expect: state=killed live.bytes=24000 live.blocks=1000 totals.allocs=1000 totals.frees=0
// expect: site file=thousand.h function=lose_thousand line=9 bytes=24000 blocks=1000 allocator=malloc
#define _GNU_SOURCE
#include "parts/thousand.h"
#include <signal.h>
#include <unistd.h>

int main(void)
{
	lose_thousand();
	kill(getpid(), SIGKILL);
	return 0;
}
