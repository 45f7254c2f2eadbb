// A signal handler forks, and its child returns into the allocation that was interrupted: nobody dies, also where the
// child's image begins within fork, in a handler of pthread_atfork.
// flags: -pthread
// pitfall: P36
// expect: process 0 state=clean
#include "parts/fork_in_alarm.h"
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

static void in_child(void)
{
	if (forks % 2) /* malloc may be what was interrupted */
		munmap(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 4096);
}

static void in_handler(void)
{
}

int main(void)
{
	pthread_atfork(NULL, NULL, in_child);
	begin_alarms();
	for (size_t i = 0; forks < FORKS && !is_child; i++)
		free(malloc(10 + i % 100));
	if (is_child) {
		for (int i = 0; i < 100; i++)
			free(malloc(20));
		_exit(0);
	}
	return died;
}
