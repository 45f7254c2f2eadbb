// A dl_iterate_phdr callback takes a lock under which another thread allocates: no deadlock.
// pitfall: P2 P3
// flags: -lpthread
// timeout: 30
// expect: state=clean
#define _GNU_SOURCE
#include "parts/cold_sites.h"
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_int done;

static int callback(struct dl_phdr_info *info, size_t size, void *unused)
{
	pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
	return info == NULL || size == 0 || unused != NULL;
}

static void *allocate(void *unused)
{
	for (unsigned place = 0; place < 10 * COLD_SITES; place++) {
		pthread_mutex_lock(&lock);
		free(cold_malloc_deep(place % 8, place, 10));
		pthread_mutex_unlock(&lock);
	}
	done = 1;
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, allocate, NULL);
	while (!done)
		dl_iterate_phdr(callback, NULL);
	pthread_join(thread, NULL);
	return 0;
}
