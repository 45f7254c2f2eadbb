// Values of pthread keys keep blocks: the first 32 keys', and those in a table of libpthread's own.
// classes: reachable=1224/6
// classes use_tls=0: definite=1144/4 indirect=80/2
// loader: possible=0/-1 reachable=0/1: libc points into a thread's table of TLS blocks
// flags: -lpthread
#include "parts/far.h"
#include "parts/sleeper.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_key_t keys[40];

static void keep(void)
{
	pthread_setspecific(keys[1], malloc(60));
	pthread_setspecific(keys[39], malloc(40)); /* and a table of 32 pairs of words, by calloc */
}

static void *thread(void *nothing)
{
	far_below(keep);
	(void)nothing;
	return sleep_for_ever();
}

static void work(void)
{
	for (int i = 0; i < 40; i++)
		pthread_key_create(&keys[i], free);
	keep();
	start_sleeper(thread, NULL, NULL);
}

int main(void)
{
	far_below(work);
	return 0;
}
