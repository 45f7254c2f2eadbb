// Each of 200 threads that sleep keeps a block by its stack, and what that points at.
// classes: definite=9600/200 reachable=16000/400
// loader: possible=0/-200 reachable=0/200: libc points into a thread's table of TLS blocks
// flags: -lpthread
#include "parts/far.h"
#include "parts/sleeper.h"

static void lose(void)
{
	void *volatile lost = malloc(48);

	(void)lost;
}

static void *thread(void *nothing)
{
	void **volatile kept = calloc(1, 40);

	*kept = malloc(40);
	far_below(lose);
	sleep_for_ever();
	return kept ? nothing : NULL;
}

static void work(void)
{
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 131072);
	for (int i = 0; i < 200; i++)
		start_sleeper(thread, NULL, &attributes);
}

int main(void)
{
	far_below(work);
	return 0;
}
