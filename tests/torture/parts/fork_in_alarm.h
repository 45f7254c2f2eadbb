/*
 * A handler of SIGALRM that forks FORKS times, each time while it interrupts what main does: the child returns into
 * that, with `is_child` set, and the parent goes on when the child has ended. `died` counts those that a signal
 * ended. Who includes this says what a child does in the handler: in_handler().
 */
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef FORKS
#define FORKS 200
#endif

static volatile sig_atomic_t forks, is_child, died;

static void in_handler(void);

static void arm(long microseconds)
{
	struct itimerval soon = {{0, 0}, {0, microseconds}};

	setitimer(ITIMER_REAL, &soon, NULL);
}

static void on_alarm(int number)
{
	pid_t child = fork();
	int status;

	(void)number;
	if (child == 0) {
		in_handler();
		is_child = 1;
		return;
	}
	waitpid(child, &status, 0);
	died += WIFSIGNALED(status);
	if (++forks < FORKS)
		arm(300 + forks * 7 % 300);
}

static void begin_alarms(void)
{
	struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};

	sigaction(SIGALRM, &action, NULL);
	arm(500);
}
