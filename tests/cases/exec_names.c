// Every exec function passes its arguments and environment on, and marks the image as `exec`.
// pitfall: P39
// expect: process 0 state=clean
// expect: processes=8 state=exec live.bytes=11 live.blocks=1
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static void *volatile kept;

static void become(int how)
{
	char *arguments[] = {"echo", "one", "two", NULL};
	char *environment[] = {"PATH=/bin", NULL};

	kept = malloc(11);
	switch (how) {
	case 0:
		execl("/bin/echo", "echo", "execl", "x", (char *)NULL);
		break;
	case 1:
		execlp("echo", "echo", "execlp", "a", "b", "c", "d", "e", "f", "g", (char *)NULL);
		break;
	case 2:
		execle("/bin/sh", "sh", "-c", "echo execle $PATH ${LD_PRELOAD-none}", (char *)NULL, environment);
		break;
	case 3:
		execv("/bin/echo", arguments);
		break;
	case 4:
		execve("/bin/echo", arguments, environment);
		break;
	case 5:
		execvp("echo", arguments);
		break;
	case 6:
		execvpe("echo", arguments, environ);
		break;
	case 7:
		fexecve(open("/bin/echo", O_RDONLY), arguments, environ);
		break;
	}
	_exit(99);
}

int main(void)
{
	kept = malloc(1);
	for (int how = 0; how < 8; how++) {
		pid_t child = fork();
		int status;

		if (child == 0)
			become(how);
		waitpid(child, &status, 0);
		if (status)
			return 1 + how;
	}
	return 0;
}
