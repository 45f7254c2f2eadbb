// A dl_iterate_phdr callback takes a lock under which another thread allocates: no deadlock.
// flags: -lpthread
// timeout: 30
// expect: state=clean
#define _GNU_SOURCE
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#ifndef CALLS
#define CALLS 3000
#endif

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_int done;

static int callback(struct dl_phdr_info *info, size_t size, void *unused)
{
	pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
	return info == NULL || size == 0 || unused != NULL;
}

static __attribute__((noinline)) void nest(int depth)
{
	void *volatile block = malloc(depth + 1);

	if (depth > 0)
		nest(depth - 1);
	free(block);
}

static void *allocate(void *unused)
{
	while (!done) {
		pthread_mutex_lock(&lock);
		nest(30);
		pthread_mutex_unlock(&lock);
	}
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, allocate, NULL);
	for (int i = 0; i < CALLS; i++)
		dl_iterate_phdr(callback, NULL);
	done = 1;
	pthread_join(thread, NULL);
	return 0;
}
