/*
 * cpu [-n TIMES] [NAME=VALUE…] COMMAND…: runs a command, TIMES times one after the other, with these
 * variables in its environment and its standard output thrown away. Prints the CPU time of the whole
 * process tree (user and system, microseconds, all times together) and the largest resident size of
 * one process (KiB). Exits with the command's last status that was not 0.
 *
 * The variables are set here and not by env(1): the first process that is executed must be the program
 * itself. heaptrack's preload takes itself out of the environment of what the first process executes.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int run_once(char **command)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		close(null);
		while (*command && strchr(*command, '='))
			putenv(*command++);
		if (*command)
			execvp(*command, command);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return 126;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	struct rusage use;
	int times = 1, failed = 0;

	if (argc > 2 && strcmp(argv[1], "-n") == 0) {
		times = atoi(argv[2]);
		argv += 2;
	}
	while (times-- > 0) {
		int status = run_once(argv + 1);

		failed = status ? status : failed;
	}
	getrusage(RUSAGE_CHILDREN, &use);
	printf("%ld %ld\n",
		(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000000L + use.ru_utime.tv_usec +
			use.ru_stime.tv_usec,
		use.ru_maxrss);
	return failed;
}
