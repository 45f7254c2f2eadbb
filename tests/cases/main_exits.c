// main ends by pthread_exit; the worker goes on, and the process ends when it does.
// pitfall: P18
// flags: -lpthread
// timeout: 20
// expect: state=clean
// expect: site function=work line=17 bytes=50 blocks=5
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static void *volatile last;

static void *work(void *unused)
{
	usleep(50000);
	for (int i = 0; i < 5; i++)
		last = malloc(10);
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, work, NULL);
	pthread_detach(thread);
	pthread_exit(NULL);
}
