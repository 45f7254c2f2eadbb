// Stacks of the main thread and of threads that run keep blocks, joinable or detached.
// classes: reachable=260/5
// classes use_stacks=1: reachable=260/5
// classes use_stacks=0: definite=220/4 indirect=40/1
// loader: possible=0/-2 reachable=0/2: libc points into a thread's table of TLS blocks
// flags: -lpthread
#include "parts/far.h"
#include "parts/sleeper.h"

static void keep(void)
{
	void *volatile kept = calloc(1, 56);

	sleep_for_ever();
	(void)kept;
}

static void *thread(void *nothing)
{
	far_below(keep);
	return nothing;
}

static void leave(void)
{
	exit(0);
}

int main(void)
{
	void **volatile kept = calloc(1, 60), *volatile array[100] = {0};
	pthread_attr_t detached;

	*kept = malloc(40);
	array[50] = malloc(48);
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	start_sleeper(thread, NULL, NULL);
	start_sleeper(thread, NULL, &detached);
	far_below(leave);
	return array[50] == kept;
}
