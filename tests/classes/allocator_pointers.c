// What malloc itself remembers of free blocks, and of where its heap ends, keeps no block before them.
// classes: definite=3960/165 reachable=24/1
// flags: -lpthread
// loader: possible=0/-1 reachable=0/1: libc points into a thread's table of TLS blocks
#include "parts/far.h"
#include "parts/sleeper.h"

static void *volatile kept, *volatile last;

/* Of 24 bytes, the last 8 are where the next chunk begins for malloc, which it points at. Bins of every
 * kind get chunks: the threads' cache, fast, unsorted, small and large ones, and the top. */
static void make(void)
{
	static const size_t sizes[] = {24, 100, 400, 1200, 3000, 20000};
	void *volatile freed[6][13];

	for (int i = 0; i < 6; i++) {
		for (int j = 0; j < 13; j++) {
			freed[i][j] = malloc(sizes[i]);
			last = calloc(1, 24);
		}
	}
	for (int i = 0; i < 6; i++) {
		for (int j = 0; j < 13; j++)
			free(freed[i][j]);
	}
	for (int i = 0; i < 6; i++) {
		for (int j = 0; j < 13; j++)
			freed[i][j] = NULL;
	}
	/* Sorts what is in the unsorted bin, and divides one. */
	free(malloc(30000));
	free(malloc(2000));
	free(malloc(500));
}

static void make_and_end(void)
{
	make();
	for (int i = 0; i < 4; i++)
		last = malloc(24);
	last = NULL;
}

static void *thread(void *nothing)
{
	(void)nothing;
	far_below(make_and_end);
	return sleep_for_ever();
}

static void work(void)
{
	start_sleeper(thread, NULL, NULL);
	make_and_end();
	kept = malloc(24);
	last = malloc(24);
	last = NULL;
}

int main(void)
{
	far_below(work);
	return 0;
}
