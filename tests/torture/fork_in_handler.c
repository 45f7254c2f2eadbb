// A signal handler forks, and its child returns into the allocation that was interrupted: nobody dies, also where the
// child's image begins within fork, in a handler of pthread_atfork.
// flags: -pthread
// pitfall: P36
// expect: process 0 state=clean
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef FORKS
#define FORKS 200
#endif

static volatile sig_atomic_t forks, is_child, died;

static void arm(long microseconds)
{
	struct itimerval soon = {{0, 0}, {0, microseconds}};

	setitimer(ITIMER_REAL, &soon, NULL);
}

static void in_child(void)
{
	if (forks % 2) /* malloc may be what was interrupted */
		munmap(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 4096);
}

static void on_alarm(int number)
{
	pid_t child = fork();
	int status;

	(void)number;
	if (child == 0) {
		is_child = 1;
		return;
	}
	waitpid(child, &status, 0);
	died += WIFSIGNALED(status);
	if (++forks < FORKS)
		arm(300 + forks * 7 % 300);
}

int main(void)
{
	struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};

	pthread_atfork(NULL, NULL, in_child);
	sigaction(SIGALRM, &action, NULL);
	arm(500);
	for (size_t i = 0; forks < FORKS && !is_child; i++)
		free(malloc(10 + i % 100));
	if (is_child) {
		for (int i = 0; i < 100; i++)
			free(malloc(20));
		_exit(0);
	}
	return died;
}
