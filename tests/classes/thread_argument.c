// A block that was handed to a thread is lost when the thread forgets it, and when the thread ends.
// classes: definite=100/2 reachable=60/1
// explain: definite=60/1 reachable=-60/-1: memcheck forgets the stack of an ended thread, but not its struct pthread
// loader: possible=0/-3 reachable=0/3: libc points into a thread's table of TLS blocks
// flags: -lpthread
#include "parts/far.h"
#include "parts/sleeper.h"

/* libc keeps the argument in struct pthread, as long as there is one. */
static void *keeps(void *argument)
{
	(void)argument;
	return sleep_for_ever();
}

static void *ends(void *argument)
{
	return argument;
}

static void *forgets(void *holder)
{
	void *volatile *block = holder;

	*block = NULL;
	return sleep_for_ever();
}

static void *held;

static void work(void)
{
	pthread_t id;

	start_sleeper(keeps, malloc(60), NULL);
	held = malloc(40);
	start_sleeper(forgets, &held, NULL);
	if (pthread_create(&id, NULL, ends, malloc(60)))
		exit(1);
	pthread_join(id, NULL);
}

int main(void)
{
	far_below(work);
	return 0;
}
