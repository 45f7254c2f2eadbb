// A thread that sleeps in a system call when the end comes sees no error that it would not see else.
// classes: reachable=40/1
// loader: possible=0/-1 reachable=0/1: libc points into a thread's table of TLS blocks
// flags: -lpthread
#include "parts/far.h"
#include "parts/sleeper.h"

#include <poll.h>

static void *thread(void *nothing)
{
	void *volatile kept = malloc(40);

	pthread_barrier_wait(&sleeper_barrier);
	/* poll is not restarted after a handler. */
	if (poll(NULL, 0, -1) < 0 && write(2, "interrupted\n", 12))
		pause();
	return kept ? nothing : NULL;
}

static void work(void)
{
	start_sleeper(thread, NULL, NULL);
	usleep(20000);
}

int main(void)
{
	far_below(work);
	return 0;
}
