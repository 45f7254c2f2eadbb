// The stack of a thread that has ended keeps nothing, although libc keeps the memory for the next one.
// classes: definite=150/3
// explain: definite=50/1 reachable=-50/-1: memcheck forgets its stack, but not its thread-local variables
// loader: possible=0/-2 reachable=0/2: libc points into a thread's table of TLS blocks
// flags: -lpthread
#include "parts/far.h"
#include "parts/sleeper.h"

static pthread_barrier_t both;
static __thread void *local;

static void *thread(void *joined)
{
	void *volatile left[100];

	for (int i = 0; i < 100; i++)
		left[i] = NULL;
	left[50] = malloc(50);
	if (joined)
		local = malloc(50);
	pthread_barrier_wait(&both);
	return left[51];
}

static void work(void)
{
	pthread_t first, second;

	/* Two at once: the second does not get the stack of the first. */
	pthread_barrier_init(&both, NULL, 3);
	if (pthread_create(&first, NULL, thread, &both) || pthread_create(&second, NULL, thread, NULL))
		exit(1);
	pthread_barrier_wait(&both);
	pthread_join(first, NULL);
	pthread_join(second, NULL);
}

int main(void)
{
	far_below(work);
	return 0;
}
