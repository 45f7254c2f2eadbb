// What a thread's arena knows of its free memory keeps nothing in a child that the thread forks, either.
// classes process=1: definite=100/1 reachable=50/1
// explain process=1: reachable=-40/-1: what the child inherited is not among its blocks
// loader process=1: possible=0/-1: the same
// flags: -lpthread
#include "parts/far.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *inherited, *kept;

/* The last one, right before the free rest of the arena, which begins with its last 8 bytes. */
static void lose(void)
{
	void *volatile lost;

	kept = malloc(50);
	lost = malloc(100);
	lost = NULL;
}

static void *thread(void *nothing)
{
	int status = 0;

	inherited = malloc(40);
	if (fork() == 0) {
		far_below(lose);
		_exit(0);
	}
	wait(&status);
	if (status)
		exit(1);
	return nothing;
}

int main(void)
{
	pthread_t id;

	return pthread_create(&id, NULL, thread, NULL) || pthread_join(id, NULL);
}
