// malloc in a signal handler 2000 times a second: every block is counted, with its stack.
// (The program keeps signals out of glibc's malloc, which may not be entered twice.)
// pitfall: P15 P44 P57
// flags: -O1
// expect: state=clean not_recorded.dropped_events=0 not_recorded.unknown_frees=0
// expect: site function=handler line=20 bytes=2000 blocks=200
// expect: nosite function=churn
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>

static void *volatile kept[200];
static volatile int seen;
static volatile unsigned spin;

static void handler(int number)
{
	if (seen < 200)
		kept[seen] = malloc(10);
	seen += number != 0;
}

static void churn(void)
{
	sigset_t set;

	/* glibc's malloc must not be entered twice: its own part is blocked, the rest is not. */
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	free(malloc(50));
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	for (int i = 0; i < 200; i++)
		spin += i;
}

int main(void)
{
	struct sigaction action = {.sa_handler = handler};
	struct itimerval every = {{0, 500}, {0, 500}};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
	while (seen < 300)
		churn();
	every = (struct itimerval){{0, 0}, {0, 0}};
	setitimer(ITIMER_REAL, &every, NULL);
	return 0;
}
