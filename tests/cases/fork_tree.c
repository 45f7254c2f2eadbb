// A child's child, and a child that forks after its own events: four processes, four images.
// pitfall: P37
// expect: images=4
// expect: processes=1 live.blocks=1 live.bytes=100
// expect: processes=1 live.blocks=1 live.bytes=101
// expect: processes=1 live.blocks=1 live.bytes=102
// expect: processes=1 live.blocks=1 live.bytes=103
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile last;

int main(void)
{
	int level = 0, status;

	for (; level < 3; level++) {
		last = malloc(100 + level);
		if (fork() != 0) {
			wait(&status);
			return WEXITSTATUS(status);
		}
	}
	last = malloc(103);
	return 0;
}
