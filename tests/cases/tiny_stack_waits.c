// A thread that waits with less of its stack left than a signal takes is let alone by a check, and the program lives.
// pitfall: P22
// flags: -D_GNU_SOURCE -lpthread -Wl,-z,now
// expect: state=clean exit_status=0 not_recorded.failed_checks=0
// expect: site function=main bytes=30 blocks=1 class=definite
// expect: site function=wait_deep bytes=40 blocks=2 class=reachable
#include <alloca.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { STACK = 16384, GUARD = 65536, LEFT = 700 };

static char *stacks[2];
static atomic_int waiting;

static void *wait_deep(void *number)
{
	char here, *volatile used, *volatile kept = malloc(20);

	used = alloca((size_t)(&here - stacks[*(int *)number]) - LEFT);
	used[0] = kept == NULL;
	waiting++;
	for (;;)
		pause();
	return NULL;
}

int main(void)
{
	int numbers[2] = {0, 1};
	pthread_attr_t attributes;
	pthread_t thread;
	void *volatile lost;

	for (int i = 0; i < 2; i++) {
		char *memory = mmap(NULL, GUARD + STACK, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		stacks[i] = memory + GUARD;
		mprotect(stacks[i], STACK, PROT_READ | PROT_WRITE);
		pthread_attr_init(&attributes);
		pthread_attr_setstack(&attributes, stacks[i], STACK);
		if (pthread_create(&thread, &attributes, wait_deep, &numbers[i]))
			return 2;
	}
	while (waiting < 2)
		usleep(1000);
	usleep(20000);
	lost = malloc(30);
	lost = NULL;
	return lost != NULL;
}
