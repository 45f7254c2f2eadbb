// A signal handler forks while it interrupts mmap and munmap, its child allocates and maps there, and returns into
// what was interrupted: nobody dies, and what the child maps from then on is recorded.
// pitfall: P36
// timeout: 240
// flags: -O1
// expect: process 0 state=clean not_recorded.dropped_regions=0 regions.mmap.bytes=0
// expect: processes=301 state=clean live.blocks=0
// expect: site frame=keep bytes=3686400
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FORKS = 300, PAGE = 4096, ROOM = 500 };

static volatile sig_atomic_t forks, is_child, died;

static void arm(long microseconds)
{
	struct itimerval soon = {{0, 0}, {0, microseconds}};

	setitimer(ITIMER_REAL, &soon, NULL);
}

static void *map(size_t pages)
{
	return mmap(NULL, pages * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void map_over(char *at, size_t pages)
{
	mmap(at, pages * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void on_alarm(int number)
{
	pid_t child = fork();
	int status;

	(void)number;
	if (child == 0) {
		/* Nothing allocates but this, so it may. */
		void *volatile block = malloc(50);

		free(block);
		munmap(map(2), 2 * PAGE);
		is_child = 1;
		return;
	}
	waitpid(child, &status, 0);
	died += WIFSIGNALED(status);
	if (++forks < FORKS)
		arm(300 + forks * 7 % 300);
}

__attribute__((noinline)) static void *keep(void)
{
	void *volatile kept = map(3);

	return kept;
}

int main(void)
{
	struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
	char *room = map(ROOM);

	sigaction(SIGALRM, &action, NULL);
	arm(500);
	/* To the recorder these are many regions, to the kernel they are one: so it is the recorder that is interrupted. */
	while (forks < FORKS && !is_child) {
		for (size_t i = 0; i < ROOM; i++)
			map_over(room + i * PAGE, 1);
		map_over(room, ROOM);
	}
	munmap(room, ROOM * PAGE);
	if (is_child) {
		for (int i = 0; i < 100; i++)
			munmap(map(1), PAGE);
		keep();
		_exit(0);
	}
	return died;
}
