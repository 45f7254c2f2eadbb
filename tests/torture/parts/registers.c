/*
 * 200 threads, each with a block that points at another. What keeps the first one goes by the thread's
 * number: a register, while it spins or waits in the kernel, or its stack, or nothing. Pointers that are
 * to be nowhere else are handed on inverted. Says how many there are of each.
 */
#include "tests/classes/parts/far.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 200, SPINNERS = 12, WAYS = 8, HEADS = 48, TAILS = 40 };

static uintptr_t inverted[THREADS];
static unsigned long ready;
static int never;
static const struct timespec hour = {3600, 0};

static __thread long number;

static void make(void)
{
	void **head = calloc(1, HEADS);

	*head = calloc(1, TAILS);
	inverted[number] = ~(uintptr_t)head;
}

static void keep_by_stack(void)
{
	void *volatile head = (void *)~inverted[number];

	inverted[number] = 0;
	__atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
	for (;;)
		pause();
	(void)head;
}

static void lose(void)
{
	inverted[number] = 0;
	__atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
	for (;;)
		pause();
}

/* Takes the pointer into `REGISTER` for ever: WAIT is done again and again. */
#define KEEP(REGISTER, WAIT)                                                                       \
	__asm__ volatile("movq (%0), %%" REGISTER "\n\t"                                           \
			 "movq $0, (%0)\n\t"                                                       \
			 "notq %%" REGISTER "\n\t"                                                 \
			 "lock incq %1\n"                                                          \
			 "1:\n\t" WAIT "jmp 1b\n"                                                  \
			 : : "r"(&inverted[number]), "m"(ready), "m"(never), "m"(hour)             \
			 : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "rbx", "r12", "r13",   \
			 "r14", "r15", "memory")

#define FUTEX "leaq %2, %%rdi\n\tmovl $128, %%esi\n\txorl %%edx, %%edx\n\txorl %%r10d, %%r10d\n\tmovl $202, %%eax\n\tsyscall\n\t"
#define NANOSLEEP "leaq %3, %%rdi\n\txorl %%esi, %%esi\n\tmovl $35, %%eax\n\tsyscall\n\t"
#define PAUSE "movl $34, %%eax\n\tsyscall\n\t"
#define SPIN "pause\n\t"

static void keep_in_vector(void)
{
	__asm__ volatile("movq (%0), %%rax\n\t"
			 "movq $0, (%0)\n\t"
			 "notq %%rax\n\t"
			 "movq %%rax, %%xmm9\n\t"
			 "xorl %%eax, %%eax\n\t"
			 "lock incq %1\n"
			 "1:\n\t" FUTEX "jmp 1b\n"
			 : : "r"(&inverted[number]), "m"(ready), "m"(never), "m"(hour)
			 : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "xmm9", "memory");
}

static void *thread(void *argument)
{
	number = (long)argument;
	far_below(make);
	if (number < SPINNERS) {
		if (number % 2)
			KEEP("r15", SPIN);
		else
			KEEP("rbx", SPIN);
	}
	switch (number % WAYS) {
	case 0: KEEP("r12", FUTEX); break;
	case 1: KEEP("r13", NANOSLEEP); break;
	case 2: KEEP("r14", PAUSE); break;
	case 3: KEEP("r15", FUTEX); break;
	case 4: KEEP("rbx", NANOSLEEP); break;
	case 5: keep_in_vector(); break;
	case 6: keep_by_stack(); break;
	case 7: lose(); break;
	}
	return NULL;
}

static void work(void)
{
	pthread_attr_t attributes;
	pthread_t id;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 256 * 1024);
	/* The spinners last. */
	for (long i = THREADS; i-- > 0;)
		if (pthread_create(&id, &attributes, thread, (void *)i))
			exit(1);
	while (__atomic_load_n(&ready, __ATOMIC_SEQ_CST) < THREADS)
		usleep(1000);
}

int main(void)
{
	int lost = 0, by_stack = 0;

	far_below(work);
	for (int i = SPINNERS; i < THREADS; i++) {
		by_stack += i % WAYS == 6;
		lost += i % WAYS == 7;
	}
	printf("registers %d stack %d lost %d\n", THREADS - by_stack - lost, by_stack, lost);
	return 0;
}
