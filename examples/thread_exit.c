/*
 * A thread that ends without freeing what it made: four workers, 10 blocks each.
 *
 * flags: -lpthread
 * expect: state=clean
 * expect: site function=work line=14 bytes=2560 blocks=40 allocator=calloc
 */
#include <pthread.h>
#include <stdlib.h>

static void *work(void *unused)
{
	for (int i = 0; i < 10; i++) {
		long *job = calloc(8, sizeof *job);

		job[0] = i;
	}
	return unused;
}

int main(void)
{
	pthread_t workers[4];

	for (int i = 0; i < 4; i++)
		pthread_create(&workers[i], NULL, work, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(workers[i], NULL);
	return 0;
}
