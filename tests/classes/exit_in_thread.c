// Exit in another thread than the first: the stacks of that one, of main and of all others keep blocks.
// classes: definite=80/2 reachable=180/3
// loader: possible=0/-2 reachable=0/2: libc points into a thread's table of TLS blocks
// flags: -lpthread
#include "parts/far.h"
#include "parts/sleeper.h"

static void lose(void)
{
	void *volatile lost = malloc(40);

	(void)lost;
}

static void leave(void)
{
	exit(0);
}

static void *other(void *nothing)
{
	void *volatile kept = malloc(50);

	sleep_for_ever();
	return kept ? nothing : NULL;
}

static void *last(void *nothing)
{
	void *volatile kept = malloc(60);

	far_below(lose);
	far_below(leave);
	return kept ? nothing : NULL;
}

int main(void)
{
	void *volatile kept = malloc(70);
	pthread_t id;

	far_below(lose);
	start_sleeper(other, NULL, NULL);
	if (pthread_create(&id, NULL, last, NULL))
		return 1;
	pthread_join(id, NULL);
	return kept == NULL;
}
