// Threads allocate while main forks 200 children, who allocate and exit: none hangs.
// pitfall: P36
// flags: -lpthread
// timeout: 120
// expect: images=201
// expect: processes=200 live.blocks=1 live.bytes=10
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CHILDREN
#define CHILDREN 200
#endif

static atomic_int done;
static void *volatile last;

static void *allocate(void *unused)
{
	while (!done) {
		void *volatile block = malloc(200);

		block = realloc(block, 5000);
		free(block);
	}
	return unused;
}

int main(void)
{
	pthread_t threads[3];
	int status;

	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, allocate, NULL);
	for (int i = 0; i < CHILDREN; i++) {
		pid_t child = fork();

		if (child == 0) {
			last = malloc(10);
			free(malloc(20));
			exit(3);
		}
		if (waitpid(child, &status, 0) != child || WEXITSTATUS(status) != 3)
			return 1;
	}
	done = 1;
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
