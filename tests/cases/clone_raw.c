// A child made by a raw clone system call, which no hook sees, has an image of its own.
// pitfall: P37 F10
// expect: images=2
// expect: process 0 state=clean live.blocks=1 live.bytes=10
// expect: processes=1 live.blocks=100 live.bytes=700
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile last;

int main(void)
{
	int status;
	long child;

	last = malloc(10);
	child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (child == 0) {
		for (int i = 0; i < 100; i++)
			last = malloc(7);
		_exit(0);
	}
	waitpid(child, &status, 0);
	return status != 0;
}
