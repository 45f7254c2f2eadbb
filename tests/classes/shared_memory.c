// System V and POSIX shared memory, and memfd, keep blocks while they are attached.
// classes: definite=48/1 reachable=144/3
#define _GNU_SOURCE
#include "parts/far.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

enum { SIZE = 16384 };

static void **attach(void)
{
	int id = shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0600);
	void **memory = shmat(id, NULL, 0);

	shmctl(id, IPC_RMID, NULL);
	if (memory == (void *)-1)
		exit(1);
	return memory;
}

static void **map(int file)
{
	if (file < 0 || ftruncate(file, SIZE))
		exit(1);
	void **memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	close(file);
	return memory == MAP_FAILED ? exit(1), NULL : memory;
}

static void work(void)
{
	char name[40];
	void **detached = attach();

	detached[7] = malloc(48);
	attach()[8] = malloc(48);
	shmdt(detached);
	snprintf(name, sizeof(name), "/leak-test.%d", getpid());
	map(shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600))[9] = malloc(48);
	shm_unlink(name);
	map(memfd_create("memory", 0))[10] = malloc(48);
}

int main(void)
{
	far_below(work);
	return 0;
}
