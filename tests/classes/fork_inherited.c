// A child's block is kept by memory that it inherited: by a block of its parent's.
// classes: reachable=100/3
// classes process=1: reachable=200/2
// explain process=1: reachable=-100/-3: what the child inherited is not among its blocks
#include "parts/far.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void **inherited;

static void fill(void)
{
	inherited[1] = malloc(80);
	*(void **)inherited[2] = malloc(120);
}

int main(void)
{
	int status;

	inherited = calloc(1, 40);
	inherited[2] = calloc(1, 40);
	inherited[3] = calloc(1, 20);
	if (fork() == 0) {
		far_below(fill);
		exit(0);
	}
	wait(&status);
	return status;
}
