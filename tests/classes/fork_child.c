// A forked child that goes on has classes of its own: its stack and globals keep what it made.
// classes: reachable=40/1
// classes process=1: definite=60/1 reachable=150/2
// explain process=1: reachable=-40/-1: what the child inherited is not among its blocks
#include "parts/far.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile global, *volatile inherited;

static void child(void)
{
	global = malloc(60);
	global = malloc(70);
}

static void leave(void)
{
	exit(0);
}

int main(void)
{
	int status;

	inherited = malloc(40);
	if (fork() == 0) {
		void *volatile kept = malloc(80);

		far_below(child);
		far_below(leave);
		return kept == NULL;
	}
	wait(&status);
	return status;
}
