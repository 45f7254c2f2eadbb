// Thread-local variables of libraries that come and go, in three threads that stay: the loader allocates and
// frees their memory in the midst of whatever touches them first, malloc's callers included.
// pitfall: P9 F3
// lib: one parts/tls.c -DSIZE=3000
// lib: two parts/tls.c -DSIZE=70000
// flags: -O1 -ldl -lpthread
// timeout: 60
// expect: state=clean not_recorded.dropped_events=0 not_recorded.unknown_frees=0 not_recorded.missed_frees=0
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

enum { THREADS = 3, ROUNDS = 400 };

static pthread_barrier_t loaded, used;
static void *(*work)(size_t);

static void *run(void *number)
{
	for (int i = 0; i < ROUNDS; i++) {
		pthread_barrier_wait(&loaded);
		for (size_t size = 1; size < 20; size++)
			free(work(size * 10 + (size_t)number));
		pthread_barrier_wait(&used);
		free(malloc(100));
	}
	return NULL;
}

int main(void)
{
	pthread_t threads[THREADS];

	pthread_barrier_init(&loaded, NULL, THREADS + 1);
	pthread_barrier_init(&used, NULL, THREADS + 1);
	for (size_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, run, (void *)i);
	for (int i = 0; i < ROUNDS; i++) {
		void *library = dlopen(i % 3 ? "./libone.so" : "./libtwo.so", RTLD_NOW);

		if (!library)
			exit(1);
		*(void **)&work = dlsym(library, "tls_work");
		pthread_barrier_wait(&loaded);
		pthread_barrier_wait(&used);
		dlclose(library);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
