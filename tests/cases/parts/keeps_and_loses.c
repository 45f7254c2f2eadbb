/* keeps_and_loses [threads]: has 100 blocks of 40 bytes that a list keeps, 10 of 50 that are lost with
 * 10 of 60 that only they know, and 5 of 70 of which only the middle is known. Says "ready", then
 * allocates and frees until there is a line on stdin; ends with status 7. Between two blocks it sees
 * to it that there is no child to wait for and that no signal has come. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile list, *volatile inside[5];
static volatile sig_atomic_t children;

static void on_child(int signal)
{
	(void)signal;
	children++;
}

static __attribute__((noinline)) void make(void)
{
	for (int i = 0; i < 100; i++) {
		void **block = malloc(40);

		*block = list;
		list = block;
	}
	for (int i = 0; i < 10; i++) {
		void *volatile *volatile lost = calloc(1, 50);

		*lost = malloc(60);
		lost = NULL;
	}
	for (int i = 0; i < 5; i++)
		inside[i] = (char *)malloc(70) + 8;
}

static __attribute__((noinline)) void clear(void)
{
	char dead[8192];

	memset(dead, 0, sizeof(dead));
	__asm__ volatile("" : : "r"(dead) : "memory");
}

static void *wait_here(void *argument)
{
	for (;;)
		pause();
	return argument;
}

int main(int argc, char **argv)
{
	struct pollfd input = {.fd = 0, .events = POLLIN};
	pthread_t id;

	signal(SIGCHLD, on_child);
	make();
	clear();
	for (int i = 0; i < 3 && argc > 1 && strcmp(argv[1], "threads") == 0; i++)
		pthread_create(&id, NULL, wait_here, NULL);
	puts("ready");
	fflush(stdout);
	while (poll(&input, 1, 1) <= 0) {
		free(malloc(100));
		if (children || waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD)
			return 9;
	}
	return 7;
}
