// 200 look-ups of what is not there: each has its own dlerror, also when every kind of allocation comes between,
// some for the first time; and none is pending when the program starts.
// pitfall: P7 F3
// flags: -ldl -lpthread
// expect: state=clean not_recorded.dropped_events=0
#define _GNU_SOURCE
#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void *nothing(void *argument)
{
	free(malloc(5));
	return argument;
}

/* By another function each time, up to the twelfth. */
static void allocate(int i)
{
	void *volatile block = NULL;
	void *made;
	pthread_t thread;

	switch (i) {
	case 0: block = malloc(10); break;
	case 1: block = calloc(10, 10); break;
	case 2: block = realloc(malloc(10), 100); break;
	case 3: block = memalign(64, 10); break;
	case 4: block = aligned_alloc(64, 64); break;
	case 5: block = posix_memalign(&made, 64, 10) ? NULL : made; break;
	case 6: block = valloc(10); break;
	case 7: block = pvalloc(10); break;
	case 8: block = reallocarray(NULL, 10, 10); break;
	case 9: munmap(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 4096); break;
	case 10: pthread_create(&thread, NULL, nothing, NULL), pthread_join(thread, NULL); break;
	default: block = malloc(i * 100);
	}
	free(block);
}

int main(void)
{
	char name[32], *error;

	if (dlerror())
		return 1;
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof name, "no_such_function_%d", i);
		if (dlsym(RTLD_DEFAULT, name))
			return 2;
		allocate(i);
		error = dlerror();
		if (!error || !strstr(error, name) || dlerror())
			return 3;
	}
	return 0;
}
