// The stack of a thread that blocks all signals keeps blocks.
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
	sleep_for_ever();
	return kept ? nothing : NULL;
}

static void work(void)
{
	start_sleeper(thread, NULL, NULL);
}

int main(void)
{
	far_below(work);
	return 0;
}
