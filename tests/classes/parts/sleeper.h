/* Threads that run until the process ends: each does something, tells, and sleeps. */
#ifndef SLEEPER_H
#define SLEEPER_H

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_barrier_t sleeper_barrier;

/* For the thread: does not come back. */
static __attribute__((unused)) void *sleep_for_ever(void)
{
	pthread_barrier_wait(&sleeper_barrier);
	for (;;)
		pause();
	return NULL;
}

/* Starts a thread that calls `work`, which ends with sleep_for_ever, and waits until it does. */
static __attribute__((unused)) void start_sleeper(
	void *(*work)(void *), void *argument, const pthread_attr_t *attributes)
{
	pthread_t id;

	pthread_barrier_init(&sleeper_barrier, NULL, 2);
	if (pthread_create(&id, attributes, work, argument))
		exit(1);
	pthread_barrier_wait(&sleeper_barrier);
}

#endif
