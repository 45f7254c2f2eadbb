// A successful allocation or free leaves errno alone, also the first of a thread or of a site.
// pitfall: P20
// flags: -lpthread -fno-builtin
// expect: state=clean
#define _GNU_SOURCE
#include "parts/cold_sites.h"
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* free itself keeps errno, so it is looked at before. */
static int is_lost(void)
{
	for (unsigned place = 0; place < COLD_SITES; place++) {
		errno = 111;
		void *block = cold_malloc_deep(place % 64, place, 10);
		if (errno != 111)
			return 1;
		free(block);
		if (errno != 111)
			return 1;
	}
	return 0;
}

static void *work(void *unused)
{
	if (is_lost())
		exit(6);
	for (int i = 0; i < 3000; i++) {
		void *volatile block;

		errno = 111;
		block = i % 3 ? malloc(i) : calloc(i, 1);
		if (errno != 111)
			exit(1);
		block = realloc(block, i * 2 + 1);
		if (errno != 111)
			exit(2);
		free(block);
		if (errno != 111)
			exit(3);
		block = memalign(64, i);
		free(block);
		if (errno != 111)
			exit(4);
		block = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		munmap(block, 4096);
		if (errno != 111)
			exit(5);
	}
	return unused;
}

int main(void)
{
	pthread_t thread;

	work(NULL);
	pthread_create(&thread, NULL, work, NULL);
	pthread_join(thread, NULL);
	closefrom(3);
	return is_lost() ? 7 : 0;
}
