// A thread's stack that the program made keeps blocks: a mapping, a static array, a block of malloc.
// classes: reachable=131272/4
// loader: possible=0/-3 reachable=0/3: libc points into a thread's table of TLS blocks
// flags: -lpthread
#include "parts/far.h"
#include "parts/sleeper.h"

#include <sys/mman.h>

enum { SIZE = 131072 };

static char array[SIZE] __attribute__((aligned(4096)));

static void *thread(void *size)
{
	void *volatile kept = calloc(1, (size_t)size);

	sleep_for_ever();
	return kept;
}

static void start(void *stack, size_t size)
{
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	if (pthread_attr_setstack(&attributes, stack, SIZE))
		exit(1);
	start_sleeper(thread, (void *)size, &attributes);
}

static void *block;

static void work(void)
{
	block = aligned_alloc(4096, SIZE);
	start(block, 40);
	start(array, 72);
	start(mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 88);
}

int main(void)
{
	far_below(work);
	return 0;
}
