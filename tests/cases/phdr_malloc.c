// malloc inside a dl_iterate_phdr callback while another thread allocates: no deadlock.
// pitfall: P2 P3 F12
// flags: -lpthread
// timeout: 30
// expect: state=clean
#define _GNU_SOURCE
#include "parts/cold_sites.h"
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_int done;

static int callback(struct dl_phdr_info *info, size_t size, void *unused)
{
	static unsigned place;

	for (int i = 0; i < 10; i++)
		free(cold_malloc(place++, size + info->dlpi_phnum));
	return unused != NULL;
}

static void *allocate(void *unused)
{
	for (unsigned place = 0; place < 10 * COLD_SITES; place++)
		free(cold_malloc_deep(place % 8, place, 10));
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
