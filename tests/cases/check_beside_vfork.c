// A thread that waits for its child of vfork cannot be met: the check at the end does without it.
// pitfall: P38
// expect: state=clean check.unmet_threads=1
// flags: -pthread
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void *be_parent(void *nothing)
{
	const struct timespec long_time = {.tv_sec = 5};

	if (vfork() == 0) {
		close(1);
		close(2);
		nanosleep(&long_time, NULL);
		_exit(0);
	}
	return nothing;
}

int main(void)
{
	const struct timespec moment = {.tv_nsec = 200000000};
	pthread_t thread;

	free(malloc(50));
	if (pthread_create(&thread, NULL, be_parent, NULL))
		return 1;
	nanosleep(&moment, NULL);
	return 0;
}
