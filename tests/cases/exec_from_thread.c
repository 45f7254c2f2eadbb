// A thread that is not the first one executes another program, in a child each: the image is marked, and the
// program that comes is recorded.
// pitfall: P39
// flags: -lpthread
// expect: images=4
// expect: process 0 state=clean
// expect: processes=1 state=exec live.bytes>=300
// expect: site function=replace line=23 bytes=400 blocks=2
// expect: site function=status_of line=34 bytes=200 blocks=2
// expect: processes=1 state=clean exit_status=5
// expect: processes=1 state=clean exit_status=7
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile last;

static void *replace(void *file)
{
	char *arguments[] = {"sh", "-c", "exit 5", NULL};

	last = malloc(200);
	execvp(file, arguments);
	exit(7);
}

static int status_of(char *file)
{
	pthread_t thread;
	int status;

	if (fork() == 0) {
		last = malloc(100);
		pthread_create(&thread, NULL, replace, file);
		pause();
	}
	wait(&status);
	return WEXITSTATUS(status);
}

int main(void)
{
	return status_of("sh") != 5 || status_of("/nonexistent") != 7;
}
