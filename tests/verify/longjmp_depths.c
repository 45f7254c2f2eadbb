// longjmp over many frames, out of callbacks of libc, and out of signal handlers, between events.
// pitfall: P43
// flags: -O2
// verify: events>=10000
// expect: state=clean not_recorded.partial_stacks=0
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>

#define KEPT __attribute__((noinline, noclone))

static jmp_buf levels[8];
static sigjmp_buf from_signal;
static void *volatile last;

static KEPT void make(int size)
{
	last = malloc((size_t)size);
	free(last);
}

static KEPT void down(int depth, int target)
{
	volatile char room[64];

	room[depth & 63] = 1;
	make(depth);
	if (depth > 0) {
		down(depth - 1, target);
		make(room[depth & 63]);
		return;
	}
	longjmp(levels[target], 1);
}

static KEPT void level(int n, int target, int depth)
{
	if (setjmp(levels[n]) == 0) {
		make(n);
		if (n < 7)
			level(n + 1, target, depth);
		else
			down(depth, target);
	}
	make(n + 100);
}

static int compare(const void *a, const void *b)
{
	make(3);
	if (*(const int *)a == 5)
		longjmp(levels[0], 2);
	return *(const int *)a - *(const int *)b;
}

static void handler(int number)
{
	make(number);
	siglongjmp(from_signal, 1);
}

int main(void)
{
	signal(SIGUSR1, handler);
	for (volatile int i = 0; i < 400; i++) {
		int numbers[] = {9, 8, 5, 7, 1, 2};

		level(0, i % 8, i % 40);
		if (setjmp(levels[0]) == 0)
			qsort(numbers, 6, sizeof(int), compare);
		make(4);
		if (sigsetjmp(from_signal, 1) == 0)
			raise(SIGUSR1);
		make(5);
	}
	return 0;
}
