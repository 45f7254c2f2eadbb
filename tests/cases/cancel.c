// A pending cancellation is not acted upon inside malloc or free: they are no cancellation points.
// pitfall: P19
// flags: -lpthread
// expect: state=clean
#include "parts/cold_sites.h"
#include <pthread.h>
#include <stdlib.h>

static volatile int survived;

static void *work(void *unused)
{
	pthread_cancel(pthread_self());
	for (unsigned place = 0; place < COLD_SITES; place++)
		free(cold_malloc_deep(place % 64, place, 10));
	for (int i = 0; i < 200000; i++) {
		void *volatile block = malloc(i % 300);

		free(block);
	}
	survived = 1;
	pthread_testcancel();
	survived = 2;
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, work, NULL);
	pthread_join(thread, NULL);
	return survived != 1;
}
