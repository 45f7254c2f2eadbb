/*
 * A fork: each process has its own image. What the child inherited is the parent's business; what
 * the child lost is its own.
 *
 * expect: images=2
 * expect: process 0 state=clean live.bytes=50 live.blocks=1
 * expect: process 1 state=clean exit_status=7 live.bytes=120 live.blocks=3
 * expect: site function=child_work line=18 bytes=120 blocks=3 allocator=malloc
 * expect: site function=main line=26 bytes=50 blocks=1 allocator=malloc
 */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void child_work(void)
{
	for (int i = 0; i < 3; i++) {
		char *lost = malloc(40);

		lost[0] = 1;
	}
}

int main(void)
{
	char *inherited = malloc(50);
	int status;

	inherited[0] = 1;
	if (fork() == 0) {
		child_work();
		exit(7);
	}
	wait(&status);
	return WEXITSTATUS(status) != 7;
}
