// The first frames of a thread's stack are told from its thread-local variables, which lie right above.
// classes: reachable=56/1
// classes use_tls=0: reachable=56/1
// classes use_stacks=0: definite=56/1
// loader: possible=0/-1 reachable=0/1: libc points into a thread's table of TLS blocks
// flags: -lpthread
#include "parts/far.h"
#include "parts/sleeper.h"

static void *thread(void *nothing)
{
	void *volatile kept = malloc(56);

	sleep_for_ever();
	return kept ? nothing : NULL;
}

static void work(void)
{
	start_sleeper(thread, NULL, NULL);
}

int main(void)
{
	far_below(work);
	return 0;
}
