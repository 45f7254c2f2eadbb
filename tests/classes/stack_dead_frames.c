// What lies below the stack pointer keeps nothing, in the main thread and in others.
// classes: definite=100/2
// loader: possible=0/-1 reachable=0/1: libc points into a thread's table of TLS blocks
// flags: -lpthread
#include "parts/far.h"
#include "parts/sleeper.h"

static void leave_behind(void)
{
	void *volatile left[100];

	for (int i = 0; i < 100; i++)
		left[i] = NULL;
	left[50] = malloc(50);
}

static void *thread(void *nothing)
{
	(void)nothing;
	far_below(leave_behind);
	return sleep_for_ever();
}

int main(void)
{
	start_sleeper(thread, NULL, NULL);
	far_below(leave_behind);
	return 0;
}
