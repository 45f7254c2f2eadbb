// malloc inside a dl_iterate_phdr callback while another thread allocates: no deadlock.
// flags: -lpthread
// timeout: 30
// expect: state=clean
#define _GNU_SOURCE
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#ifndef CALLS
#define CALLS 2000
#endif

static atomic_int done;

static int callback(struct dl_phdr_info *info, size_t size, void *unused)
{
	for (int i = 0; i < 100; i++)
		free(malloc(size + i + info->dlpi_phnum));
	(void)unused;
	return 0;
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
	while (!done)
		nest(40);
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
