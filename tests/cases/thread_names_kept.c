// Threads keep the names that the kernel and the program gave them, and the report knows them.
// flags: -lpthread
// expect: site function=main bytes=77 blocks=1 line=29
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

static void print_name(void)
{
	char name[17] = "";

	prctl(PR_GET_NAME, name);
	(void)!write(1, name, 16);
}

static void *work(void *unused)
{
	prctl(PR_SET_NAME, "worker");
	free(malloc(10));
	print_name();
	return unused;
}

int main(void)
{
	void *volatile kept = malloc(77);
	pthread_t thread;

	pthread_create(&thread, NULL, work, NULL);
	pthread_join(thread, NULL);
	print_name();
	return !kept;
}
