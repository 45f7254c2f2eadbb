// make_sites MAKERS: 102,400 sites of 4,096 functions in 25 classes; with 8 makers each of them twice, by two
// threads at about the same time. Two other threads allocate meanwhile; prints their rounds.
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "functions.h"

enum { MAKERS_MAX = 8, CHURNERS = 2, CLASSES = 25 };

static int makers, shares;
static _Atomic int working, started;
static _Atomic long churned;
static volatile int sum;

/* The innermost function tells the class, by which the sites are counted. */
#define CLASS(n) static __attribute__((noinline)) void class_##n(void) { *(volatile char *)malloc(n) = 1; sum++; }
CLASS(1) CLASS(2) CLASS(3) CLASS(4) CLASS(5) CLASS(6) CLASS(7) CLASS(8) CLASS(9) CLASS(10) CLASS(11) CLASS(12)
CLASS(13) CLASS(14) CLASS(15) CLASS(16) CLASS(17) CLASS(18) CLASS(19) CLASS(20) CLASS(21) CLASS(22) CLASS(23)
CLASS(24) CLASS(600)
static void (*const classes[CLASSES])(void) = {class_1, class_2, class_3, class_4, class_5, class_6, class_7,
	class_8, class_9, class_10, class_11, class_12, class_13, class_14, class_15, class_16, class_17, class_18,
	class_19, class_20, class_21, class_22, class_23, class_24, class_600};

#define CALL(n) static void call_##n(void (*next)(void)) { next(); sum++; }
#define NAME(n) call_##n,
FUNCTIONS(CALL)
static void (*const calls[])(void (*)(void)) = {FUNCTIONS(NAME)};
enum { CALLS = sizeof(calls) / sizeof(calls[0]) };

static void *make(void *argument)
{
	int share = (int)(long)argument % shares;

	started++;
	while (started < makers + CHURNERS)
		;
	for (int i = share * (CALLS / shares); i < (share + 1) * (CALLS / shares); i++)
		for (int j = 0; j < CLASSES; j++)
			calls[i](classes[j]);
	working--;
	return NULL;
}

static void *churn(void *unused)
{
	long rounds = 0;

	started++;
	while (started < makers + CHURNERS)
		;
	for (; working > 0; rounds++) {
		void *volatile block = malloc(40);

		block = realloc(block, 4000);
		free(block);
		free(calloc(3, 5));
	}
	churned += rounds;
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t threads[MAKERS_MAX + CHURNERS];

	makers = working = argc > 1 ? atoi(argv[1]) : 1;
	shares = makers == MAKERS_MAX ? makers / 2 : makers;

	for (long i = 0; i < makers + CHURNERS; i++)
		pthread_create(&threads[i], NULL, i < makers ? make : churn, (void *)i);
	for (int i = 0; i < makers + CHURNERS; i++)
		pthread_join(threads[i], NULL);
	dprintf(1, "%ld\n", churned);
	return 0;
}
