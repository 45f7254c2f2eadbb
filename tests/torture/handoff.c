// 8 threads free each other's blocks, 10 million events: totals are exact, nothing is dropped.
// pitfall: P47
// timeout: 300
// flags: -O2 -lpthread
// expect: state=clean not_recorded.dropped_events=0 not_recorded.unknown_frees=0
// expect: site function=worker line=22 bytes=8192 blocks=256 allocator=malloc
// expect: site function=worker line=19 bytes=800 blocks=8 allocator=malloc
// expect: totals.allocs>=5000008 totals.allocs<=5000040 totals.frees>=4999744 totals.frees<=4999780
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { THREADS = 8, ROUNDS = 625000, BOXES = 256 };
static _Atomic(void *) boxes[BOXES];

static void *worker(void *argument)
{
	unsigned seed = (unsigned)(long)argument * 2654435761u + 1;
	void *volatile lost = malloc(100);

	for (int i = 0; i < ROUNDS; i++) {
		void *made = malloc(32);

		seed = seed * 1664525 + 1013904223;
		free(atomic_exchange(&boxes[seed >> 24], made));
	}
	return lost ? NULL : argument;
}

int main(void)
{
	pthread_t threads[THREADS];

	for (long i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, worker, (void *)i);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < BOXES; i++)
		if (!boxes[i])
			return 1;
	return 0;
}
