// A thread that waits for any signal gets none of ours, and what it has on its stack is kept.
// classes: reachable=40/1
// loader: possible=0/-1 reachable=0/1: libc points into a thread's table of TLS blocks
// flags: -lpthread
#include "parts/far.h"
#include "parts/sleeper.h"

#include <signal.h>

static void *thread(void *nothing)
{
	void *volatile kept = malloc(40);
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	pthread_barrier_wait(&sleeper_barrier);
	for (;;) {
		int number = sigwaitinfo(&all, NULL);
		char text[] = "a signal\n";

		if (number > 0 && write(2, text, sizeof(text) - 1))
			continue;
	}
	return kept ? nothing : NULL;
}

static void work(void)
{
	start_sleeper(thread, NULL, NULL);
	usleep(20000);
}

static void leave(void)
{
	exit(0);
}

int main(void)
{
	far_below(work);
	far_below(leave);
	return 0;
}
