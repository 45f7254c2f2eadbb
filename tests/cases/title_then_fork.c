// A program that overwrites its arguments and environment, to change its title, and forks: both images.
// expect: images=2
// expect: process 0 state=clean live.blocks=1 live.bytes=300
// expect: process 1 state=clean live.blocks=1 live.bytes=40
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv)
{
	void *volatile kept = malloc(300);
	int status;

	for (char **variable = environ; *variable; variable++)
		memset(*variable, 'x', strlen(*variable));
	memset(argv[0], 'y', strlen(argv[0]));
	for (int i = 0; i < argc; i++)
		argv[i] = NULL;
	memset(environ, 0xff, sizeof(*environ));
	environ = NULL;
	if (fork() == 0) {
		void *volatile own = malloc(40);

		exit(own == NULL);
	}
	wait(&status);
	return status != 0 || !kept;
}
