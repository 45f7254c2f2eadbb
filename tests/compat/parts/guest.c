/* Allocates in four threads, which end, loses 100 blocks of 100 bytes: guest ROUNDS */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long rounds;

static void *work(void *start)
{
	unsigned long state = (unsigned long)start, sum = 0;
	char *kept[64] = {0};

	for (long i = 0; i < rounds; i++) {
		unsigned at = (state = state * 1103515245 + 12345) >> 8 & 63;

		free(kept[at]);
		kept[at] = malloc(at * 40 + 1);
		memset(kept[at], (int)at, at * 40 + 1);
		sum += (unsigned char)kept[at][at];
	}
	for (int at = 0; at < 64; at++)
		free(kept[at]);
	return (void *)sum;
}

static __attribute__((noinline)) void lose(void)
{
	for (int i = 0; i < 100; i++)
		memset(malloc(100), i, 100);
}

int main(int count, char **arguments)
{
	pthread_t threads[4];
	void *sum;

	rounds = count > 1 ? atol(arguments[1]) : 1000;
	for (long n = 0; n < 4; n++)
		pthread_create(&threads[n], NULL, work, (void *)(n + 1));
	lose();
	for (int n = 0; n < 4; n++) {
		pthread_join(threads[n], &sum);
		printf("%lu\n", (unsigned long)sum);
	}
	return 5;
}
