// What handlers of pthread_atfork allocate in a child, within fork, begins the child's image, which then goes on.
// pitfall: P36 P37
// flags: -pthread
// expect: images=2
// expect: process 0 state=clean live.blocks=500 live.bytes=8000
// expect: process 1 state=clean live.blocks=30001 live.bytes=6600077 not_recorded.dropped_events=0
// expect: process 1 totals.allocs=30001
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile kept;

static void in_child(void)
{
	kept = malloc(77);
}

int main(void)
{
	int status;

	pthread_atfork(NULL, NULL, in_child);
	for (int i = 0; i < 500; i++)
		kept = malloc(16);
	if (fork() == 0) {
		for (int i = 0; i < 30000; i++)
			kept = malloc(220);
		exit(kept == NULL);
	}
	wait(&status);
	return status != 0;
}
