// A thread with a 16 KiB stack of which 10 KiB are in use allocates.
// pitfall: P22 P23 F16
// flags: -lpthread -Wl,-z,now
// expect: state=clean
// expect: site function=deep line=18 bytes=10 blocks=1
#include "parts/tiny_thread.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static void *volatile last;

static __attribute__((noinline)) void deep(void)
{
	char used[10 * 1024];

	memset(used, 1, sizeof used);
	last = malloc(9 + used[1000]);
	__asm__ volatile("" ::"r"(used) : "memory");
}

static void work(void)
{
	deep();
	free(malloc(5));
}

int main(void)
{
	return in_tiny_thread(work);
}
