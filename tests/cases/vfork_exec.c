// vfork and exec, also failing, and posix_spawn: the parent's recording goes on undisturbed.
// pitfall: P38 F10 F11
// expect: process 0 state=clean live.blocks=61 totals.allocs=61
#define _GNU_SOURCE
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static void *volatile last;

int main(void)
{
	int status;

	last = malloc(1);
	for (int i = 0; i < 20; i++) {
		char *arguments[] = {"true", NULL};
		pid_t child = vfork();

		if (child == 0) {
			execv(i % 2 ? "/bin/true" : "/nonexistent", arguments);
			_exit(5);
		}
		last = malloc(2);
		waitpid(child, &status, 0);
		if (WEXITSTATUS(status) != (i % 2 ? 0 : 5))
			return 1;
		last = malloc(2);
		if (posix_spawn(&child, "/bin/true", NULL, NULL, arguments, environ))
			return 2;
		last = malloc(2);
		waitpid(child, &status, 0);
		if (status)
			return 3;
	}
	return 0;
}
