// When main has ended by pthread_exit, its stack keeps nothing; the last thread's return ends the process.
// classes: definite=70/1 reachable=50/1
// loader: possible=0/-1 reachable=0/1: libc points into a thread's table of TLS blocks
// flags: -lpthread
#include "parts/far.h"

#include <pthread.h>
#include <stdlib.h>

static pthread_t first;

static void leave(void)
{
	exit(0);
}

static void *last(void *nothing)
{
	void *volatile kept = malloc(50);

	pthread_join(first, NULL);
	far_below(leave);
	return kept ? nothing : NULL;
}

int main(void)
{
	void *volatile kept = malloc(70);
	pthread_t id;

	first = pthread_self();
	if (pthread_create(&id, NULL, last, NULL))
		return 1;
	pthread_exit(NULL);
}
