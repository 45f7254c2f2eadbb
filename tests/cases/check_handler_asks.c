// While the program ends, a timer's handler asks another thread for something, and waits for its answer: it does not
// run while that thread holds still for the check of lost blocks, nor afterwards: its poll would fail with EINTR, so it
// is not let go.
// expect: state=clean live.blocks>=200000
// flags: -lpthread
// timeout: 20
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

static int questions[2], answers[2];
static void **newest;

static void on_alarm(int number)
{
	char byte = (char)number;

	if (write(questions[1], &byte, 1) == 1 && read(answers[0], &byte, 1) != 1)
		_exit(1);
}

static void *answer(void *argument)
{
	struct pollfd question = {.fd = questions[0], .events = POLLIN};
	sigset_t all;
	char byte;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	while (poll(&question, 1, -1) == 1 && read(questions[0], &byte, 1) == 1 &&
		write(answers[1], &byte, 1) == 1)
		;
	return argument;
}

int main(void)
{
	struct itimerval often = {{0, 2000}, {0, 2000}};
	pthread_t thread;

	if (pipe(questions) || pipe(answers) || pthread_create(&thread, NULL, answer, NULL))
		return 2;
	for (int i = 0; i < 200000; i++) {
		void **block = malloc(40);

		*block = newest;
		newest = block;
	}
	signal(SIGALRM, on_alarm);
	return setitimer(ITIMER_REAL, &often, NULL) != 0;
}
