/* One call site whose blocks are lost, kept and freed, a thread, an inlined call, and a mapping. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

static void *volatile kept[32];

static inline __attribute__((always_inline)) void *inlined(size_t size)
{
	return malloc(size);
}

__attribute__((noinline)) static void *make(size_t size)
{
	return inlined(size);
}

static void *work(void *nothing)
{
	pthread_setname_np(pthread_self(), "worker");
	kept[30] = malloc(300);
	return nothing;
}

/* 50 blocks of 1000 bytes: 10 are kept, 30 freed, 10 lost. */
__attribute__((noinline)) static void spend(void)
{
	for (int i = 0; i < 50; i++) {
		void *block = make(1000);
		if (i < 10)
			kept[i] = block;
		else if (i < 40)
			free(block);
	}
}

int main(void)
{
	pthread_t thread;

	spend();
	pthread_create(&thread, NULL, work, NULL);
	pthread_join(thread, NULL);
	kept[31] = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return 0;
}
