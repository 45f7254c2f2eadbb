// 100 threads that nobody joins: what the loader made for each is left, and the report names who started them.
// pitfall: P53
// flags: -lpthread
// expect: state=clean not_recorded.dropped_events=0
// expect: site function=main line=24 allocator=calloc module=libc.so.6 blocks=100
// expect: sites=1
#include <pthread.h>
#include <stdlib.h>

static void *work(void *barrier)
{
	free(malloc(30));
	pthread_barrier_wait(barrier);
	return NULL;
}

int main(void)
{
	pthread_t thread;
	pthread_barrier_t barrier;

	pthread_barrier_init(&barrier, NULL, 2);
	for (int i = 0; i < 100; i++) {
		if (pthread_create(&thread, NULL, work, &barrier))
			return 1;
		pthread_barrier_wait(&barrier);
	}
	return 0;
}
