// Threads that are signalled while checks have them hold still again and again miss no signal.
// expect: not_recorded.failed_checks=0 not_recorded.dropped_events=0
// flags: -D_GNU_SOURCE -lpthread
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The recorder's; without it there is none. */
extern int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

#ifndef SIGNALS
#define SIGNALS 20000
#endif
#define PAUSES (SIGNALS / 50)

static sem_t taken;
static atomic_int over, ended, woken, missed;

static void on_signal(int signal)
{
	(void)signal;
	sem_post(&taken);
}

/* Lets the signal in only while it waits, so none can come too early. */
static void *suspended(void *nothing)
{
	sigset_t none;

	sigemptyset(&none);
	while (!over)
		sigsuspend(&none);
	return nothing;
}

/* Every call must end with the signal that comes meanwhile. */
static void *in_ppoll(void *nothing)
{
	sigset_t none;

	sigemptyset(&none);
	while (!over) {
		if (ppoll(NULL, 0, NULL, &none) < 0)
			woken++;
	}
	return nothing;
}

static void *waits_for_one(void *nothing)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	while (!over) {
		if (sigwaitinfo(&set, NULL) == SIGUSR1)
			sem_post(&taken);
	}
	return nothing;
}

static sem_t pausing;

/* A signal just before the call is missed, as it is without a check. */
static void *in_pause(void *nothing)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	while (!over) {
		sem_post(&pausing);
		pause();
	}
	ended = 1;
	return nothing;
}

static void nothing(int signal)
{
	(void)signal;
}

static void *sends(void *argument)
{
	pthread_t *threads = argument;

	for (int i = 0; i < PAUSES; i++) {
		struct timespec until;

		usleep(2000); /* by then it waits, also when it was held still before */
		pthread_kill(threads[3], SIGUSR2);
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 100000000;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		if (sem_timedwait(&pausing, &until)) {
			missed++;
			i--;
		}
	}
	for (int i = 0; i < SIGNALS; i++) {
		pthread_kill(threads[i % 3], SIGUSR1);
		sem_wait(&taken);
	}
	over = 1;
	for (int i = 0; i < 3; i++)
		pthread_kill(threads[i], SIGUSR1);
	while (!ended) {
		pthread_kill(threads[3], SIGUSR2);
		usleep(1000);
	}
	return NULL;
}

int main(void)
{
	struct sigaction action = {.sa_handler = on_signal};
	struct sigaction other = {.sa_handler = nothing};
	void *(*const ways[])(void *) = {suspended, in_ppoll, waits_for_one, in_pause};
	pthread_t threads[4], sender;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR2, &other, NULL);
	sem_init(&taken, 0, 0);
	sem_init(&pausing, 0, 0);
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, ways[i], NULL);
	pthread_create(&sender, NULL, sends, threads);
	while (!ended && __lsan_do_recoverable_leak_check) {
		__lsan_do_recoverable_leak_check();
		usleep(100);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	pthread_join(sender, NULL);
	printf("%d %d\n", woken >= SIGNALS / 3, missed <= 5);
	return 0;
}
