// A thread with a 16 KiB stack of which 10 KiB are in use allocates.
// flags: -lpthread -Wl,-z,now
// expect: state=clean
// expect: site function=deep line=17 bytes=10 blocks=1
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static void *volatile last;

static __attribute__((noinline)) void deep(void)
{
	char used[10 * 1024];

	memset(used, 1, sizeof used);
	last = malloc(9 + used[1000]);
	__asm__ volatile("" ::"r"(used) : "memory");
}

static void *work(void *unused)
{
	deep();
	free(malloc(5));
	return unused;
}

int main(void)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	if (pthread_attr_setstacksize(&attributes, 16384))
		return 1;
	if (pthread_create(&thread, &attributes, work, NULL))
		return 2;
	return pthread_join(thread, NULL);
}
