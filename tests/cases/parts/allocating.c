/*
 * A program that allocates all the time, in three threads, until SIGTERM. Before it begins it has lost
 * some blocks, and it keeps others.
 */
#include "tests/classes/parts/far.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_int stopped;
static void **kept;
static char *inside;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static void keep(void)
{
	for (int i = 0; i < 100; i++) {
		void **block = calloc(1, 40);

		*block = kept;
		kept = block;
	}
}

static void keep_possibly(void)
{
	inside = (char *)malloc(500) + 100;
}

static void lose(void)
{
	for (int i = 0; i < 50; i++) {
		void **volatile lost = calloc(1, 48);

		*lost = calloc(1, 56);
	}
}

static void *churn(void *nothing)
{
	while (!stopped) {
		void **list = NULL;

		for (int i = 1; i < 200; i++) {
			void **block = malloc((size_t)i * 8);

			*block = list;
			list = block;
		}
		while (list) {
			void **next = *list;

			free(list);
			list = next;
		}
	}
	return nothing;
}

static void work(void)
{
	pthread_t ids[3];

	lose();
	keep();
	keep_possibly();
	for (int i = 0; i < 3; i++)
		if (pthread_create(&ids[i], NULL, churn, NULL))
			exit(1);
	if (write(STDOUT_FILENO, "ready\n", 6) != 6)
		exit(1);
	for (int i = 0; i < 3; i++)
		pthread_join(ids[i], NULL);
}

int main(void)
{
	signal(SIGTERM, stop);
	far_below(work);
	return 0;
}
