/* Ten tests in one program; the argument says which. Half of them leak, in ways of their own. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "far.h"

struct node {
	struct node *next;
	char text[24];
};

static void *kept;
static char *interior;

static void clean(void)
{
	for (int i = 0; i < 100; i++)
		free(malloc((size_t)i));
}

static void lose_blocks(void)
{
	for (int i = 0; i < 3; i++)
		memset(malloc(100), 1, 100);
}

/* One record with what it loses, one of the rest. */
static void lose_list(void)
{
	struct node *list = NULL;

	for (int i = 0; i < 4; i++) {
		struct node *node = i == 3 ? calloc(1, sizeof(*node)) : malloc(sizeof(*node));
		node->next = list;
		list = node;
	}
}

static void keep_interior(void)
{
	interior = (char *)malloc(64) + 16;
}

static void keep_reachable(void)
{
	kept = malloc(4096);
}

static __attribute__((noinline)) void *one(void)
{
	return malloc(11);
}

static __attribute__((noinline)) void *other(void)
{
	return strdup("another one");
}

static void lose_at_two_sites(void)
{
	memset(one(), 1, 11);
	((char *)other())[0] = 'A';
}

/* Three stacks, so three records. */
static __attribute__((noinline)) void recurse(int depth)
{
	((char *)malloc(7))[0] = 1;
	if (depth > 1)
		recurse(depth - 1);
	__asm__ volatile("" ::: "memory"); /* no tail call */
}

static void lose_recursively(void)
{
	recurse(3);
}

static void *lose_in_thread(void *unused)
{
	(void)unused;
	far_below(lose_blocks);
	return NULL;
}

static void run_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, lose_in_thread, NULL) == 0)
		pthread_join(thread, NULL);
}

static void lose_by_realloc(void)
{
	char *block = malloc(10);

	block = realloc(block, 5000);
	block[0] = 1;
	block = NULL;
}

/* A child that is another program is no business of this test. */
static void run_child(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		execlp("true", "true", (char *)NULL);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
	clean();
}

int main(int count, char **arguments)
{
	static void (*const tests[])(void) = {clean, lose_blocks, lose_list, keep_interior,
		keep_reachable, lose_at_two_sites, lose_recursively, run_thread, lose_by_realloc,
		run_child};
	int number = count > 1 ? atoi(arguments[1]) : 0;

	if (number < 1 || number > 10)
		return 2;
	far_below(tests[number - 1]);
	return 0;
}
