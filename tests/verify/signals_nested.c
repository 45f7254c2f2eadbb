// Events in signal handlers: on the thread's stack and on an alternate one, nested three deep, raised by
// the program, by a fault, by a timer anywhere; in leaf functions without a frame.
// pitfall: P15 P57
// flags: -O2 -fomit-frame-pointer
// verify: events>=4000
// expect: state=clean not_recorded.partial_stacks=0
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>

#define KEPT __attribute__((noinline, noclone))

static volatile int ticks, sum;
static char *forbidden;

static KEPT void map(void)
{
	void *page = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(page, 4096);
}

static void innermost(int number)
{
	sum += number;
	map();
}

static void middle(int number)
{
	map();
	raise(SIGUSR2);
	sum += number;
}

static void outer(int number)
{
	map();
	raise(SIGUSR1);
	sum += number;
	map();
}

static void faulted(int number, siginfo_t *info, void *context)
{
	(void)context;
	map();
	sum += number;
	mprotect((void *)((unsigned long)info->si_addr & ~4095ul), 4096, PROT_READ | PROT_WRITE);
}

static void tick(int number)
{
	map();
	ticks += number != 0;
}

/* The first instruction faults: the frame that is interrupted is known by its exact address only. */
static KEPT void leaf_fault(void)
{
	*(volatile char *)forbidden = 1;
}

static KEPT void fault(void)
{
	mprotect(forbidden, 4096, PROT_NONE);
	leaf_fault();
	sum++;
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static KEPT int work(int round)
{
	int numbers[64];
	char text[64];

	for (int i = 0; i < 64; i++)
		numbers[i] = i * 7919 % 64;
	qsort(numbers, 64, sizeof(int), compare);
	memset(text, round, sizeof(text));
	return numbers[3] + text[5];
}

static void install(int flags)
{
	struct sigaction action = {.sa_flags = flags};

	action.sa_handler = innermost;
	sigaction(SIGUSR2, &action, NULL);
	action.sa_handler = middle;
	sigaction(SIGUSR1, &action, NULL);
	action.sa_handler = outer;
	sigaction(SIGHUP, &action, NULL);
	action.sa_handler = tick;
	action.sa_flags |= SA_RESTART;
	sigaction(SIGALRM, &action, NULL);
	action.sa_sigaction = faulted;
	action.sa_flags |= SA_SIGINFO;
	sigaction(SIGSEGV, &action, NULL);
}

int main(void)
{
	stack_t alternate = {.ss_sp = malloc(65536), .ss_size = 65536};
	struct itimerval every = {{0, 300}, {0, 300}}, never = {{0, 0}, {0, 0}};

	forbidden = mmap(0, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sigaltstack(&alternate, NULL);
	for (int round = 0; round < 300; round++) {
		/* Now here, now there, now the first on one stack and the nested ones on another. */
		install(round & 1 ? SA_ONSTACK : 0);
		if (round % 3 == 0)
			signal(SIGHUP, outer);
		raise(SIGHUP);
		fault();
	}
	setitimer(ITIMER_REAL, &every, NULL);
	while (ticks < 1500) {
		void *volatile block = malloc((size_t)ticks + 1);

		sum += work(ticks);
		block = realloc(block, 3000);
		free(block);
	}
	setitimer(ITIMER_REAL, &never, NULL);
	return 0;
}
