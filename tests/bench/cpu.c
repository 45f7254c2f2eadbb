/*
 * cpu COMMAND…: runs a command with its output thrown away and prints the CPU time of its whole process
 * tree (user and system, microseconds) and the largest resident size (KiB). Exits with the command's
 * status.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct rusage use;
	int status;
	pid_t child;

	if (argc < 2)
		return 2;
	child = fork();
	if (child == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	waitpid(child, &status, 0);
	getrusage(RUSAGE_CHILDREN, &use);
	printf("%ld %ld\n",
		(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000000L + use.ru_utime.tv_usec +
			use.ru_stime.tv_usec,
		use.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
