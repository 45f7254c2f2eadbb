// 2,000 short threads, one after the other, reuse their stacks: no event of any of them is lost.
// pitfall: P42 F9
// flags: -lpthread
// expect: state=clean not_recorded.dropped_events=0
// expect: site function=work line=13 bytes=40000 blocks=2000
#include <pthread.h>
#include <stdlib.h>

static void *volatile last;

static void *work(void *unused)
{
	last = malloc(20);
	free(malloc(30));
	return unused;
}

int main(void)
{
	for (int i = 0; i < 2000; i++) {
		pthread_t thread;

		pthread_create(&thread, NULL, work, NULL);
		pthread_join(thread, NULL);
	}
	return 0;
}
