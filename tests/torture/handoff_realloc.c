// 4 threads hand blocks round and realloc what they get: no record is lost or doubled.
// pitfall: P47
// flags: -O2 -lpthread
// expect: state=clean not_recorded.dropped_events=0 not_recorded.unknown_frees=0
// expect: not_recorded.missed_frees=0
// expect: nosite function=worker
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { THREADS = 4, ROUNDS = 300000, BOXES = 64 };
static _Atomic(void *) boxes[BOXES];

static void *worker(void *argument)
{
	unsigned seed = (unsigned)(long)argument * 2654435761u + 1;

	for (int i = 0; i < ROUNDS; i++) {
		void *got;

		seed = seed * 1664525 + 1013904223;
		got = atomic_exchange(&boxes[seed >> 26], NULL);
		got = realloc(got, 1 + (seed >> 8) % 3000);
		free(atomic_exchange(&boxes[(seed >> 20) % BOXES], got));
	}
	return NULL;
}

int main(void)
{
	pthread_t threads[THREADS];

	for (long i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, worker, (void *)i);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < BOXES; i++)
		free(boxes[i]);
	return 0;
}
