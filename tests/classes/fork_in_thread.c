// A child that a thread forked has that thread alone, on whose stack it keeps blocks.
// classes: reachable=100/2
// loader: possible=0/-2 reachable=0/2: libc points into a thread's table of TLS blocks
// classes process=1: definite=60/1 reachable=50/1
// explain process=1: reachable=-40/-1: what the child inherited is not among its blocks
// loader process=1: possible=0/-2: the same
// flags: -lpthread
#include "parts/far.h"
#include "parts/sleeper.h"

#include <sys/wait.h>

static void *volatile global;

static void child(void)
{
	global = malloc(60);
	global = NULL;
}

static void *other(void *nothing)
{
	void *volatile kept = malloc(40);

	sleep_for_ever();
	return kept ? nothing : NULL;
}

static void *thread(void *nothing)
{
	int status;

	if (fork() == 0) {
		void *volatile kept = malloc(50);

		far_below(child);
		_exit(kept == NULL);
	}
	wait(&status);
	if (status)
		exit(1);
	void *volatile kept = malloc(60);
	sleep_for_ever();
	return kept ? nothing : NULL;
}

static void work(void)
{
	start_sleeper(other, NULL, NULL);
	start_sleeper(thread, NULL, NULL);
}

int main(void)
{
	far_below(work);
	return 0;
}
