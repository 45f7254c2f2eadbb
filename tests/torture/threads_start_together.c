// Threads that start together on fresh stacks, when there are slots of dead ones to take over: one each.
// pitfall: F9
// flags: -lpthread
// options: verify=1
// differs: err
// expect: state=clean not_recorded.dropped_events=0
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#define THREADS 24
#define ROUNDS 40

static __attribute__((noinline)) void *deep(int depth, size_t size)
{
	volatile char room[64];
	void *block = depth > 0 ? deep(depth - 1, size) : malloc(size);

	room[0] = 1;
	return block;
}

static void *work(void *argument)
{
	size_t seed = (size_t)argument;

	for (size_t i = 0; i < 40; i++)
		free(deep((int)((seed + i * 7) % 60), 16 + (seed + i) % 100));
	return NULL;
}

int main(void)
{
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	for (size_t round = 0; round < ROUNDS; round++) {
		size_t size = (64 + round % 50 * 4) * 1024;
		pthread_t threads[THREADS];
		void *stacks[THREADS];

		for (size_t i = 0; i < THREADS; i++) {
			stacks[i] = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			pthread_attr_setstack(&attributes, stacks[i], size);
			pthread_create(&threads[i], &attributes, work, (void *)(round * THREADS + i));
		}
		for (size_t i = 0; i < THREADS; i++)
			pthread_join(threads[i], NULL);
		for (size_t i = 0; i < THREADS; i++)
			munmap(stacks[i], size);
	}
	return 0;
}
