// A thread with a 16 KiB stack of which 9 KiB are in use forks, and the child's first event starts its recording.
// pitfall: P22
// flags: -lpthread -Wl,-z,now
// expect: processes=2 state=clean
// expect: site function=deep line=23 bytes=9 blocks=1
// expect: site function=deep line=26 bytes=10 blocks=1
#include "parts/tiny_thread.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile last;
static int status = -1;

static __attribute__((noinline)) void deep(void)
{
	char used[9 * 1024];
	pid_t child;

	memset(used, 1, sizeof used);
	last = malloc(8 + used[1000]);
	child = fork();
	if (child == 0) {
		last = malloc(10);
		_exit(last == NULL);
	}
	waitpid(child, &status, 0);
	__asm__ volatile("" ::"r"(used) : "memory");
}

int main(void)
{
	return in_tiny_thread(deep) || status != 0;
}
