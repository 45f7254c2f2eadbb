// Threads that run, not sleep, at the end: what they always hold is kept, what they lost before is lost.
// classes: definite=80/2 reachable=100/2
// loader: possible=0/-2 reachable=0/2: libc points into a thread's table of TLS blocks
// flags: -lpthread
#include "parts/far.h"
#include "parts/sleeper.h"

static void lose(void)
{
	void *volatile lost = malloc(40);

	(void)lost;
}

static void *thread(void *nothing)
{
	void **volatile kept = calloc(1, 50);

	far_below(lose);
	pthread_barrier_wait(&sleeper_barrier);
	for (unsigned long i = 1; i; i++)
		kept[1] = (void *)(i & 0xff);
	return nothing;
}

static void work(void)
{
	for (int i = 0; i < 2; i++)
		start_sleeper(thread, NULL, NULL);
}

int main(void)
{
	far_below(work);
	return 0;
}
