// One thread loads and unloads a library while three allocate: no deadlock, no wild read.
// pitfall: P1 P9
// lib: round parts/round.c
// flags: -O1 -ldl -lpthread
// timeout: 60
// expect: state=clean not_recorded.dropped_events=0 not_recorded.unknown_frees=0
#include "../cases/parts/cold_sites.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#ifndef LOADS
#define LOADS 3000
#endif

static atomic_int done;

static void *allocate(void *unused)
{
	for (unsigned place = 0; !done; place++) {
		void *volatile block = cold_malloc_deep(place % 8, place, 100);

		block = realloc(block, 3000);
		free(block);
	}
	return unused;
}

int main(void)
{
	pthread_t threads[3];

	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, allocate, NULL);
	for (int i = 0; i < LOADS; i++) {
		void *library = dlopen("./libround.so", RTLD_NOW);
		void *(*work)(void);

		if (!library)
			return 1;
		*(void **)&work = dlsym(library, "round_work");
		if (i % 2) /* else others are the first to meet it */
			free(work());
		dlclose(library);
	}
	done = 1;
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
