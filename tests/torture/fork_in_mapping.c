// A signal handler forks while it interrupts mmap and munmap, its child allocates and maps there, and returns into
// what was interrupted: nobody dies, and what the child maps from then on is recorded.
// pitfall: P36
// timeout: 240
// flags: -O1
// expect: process 0 state=clean not_recorded.dropped_regions=0 regions.mmap.bytes=0
// expect: processes=301 state=clean live.blocks=0
// expect: site frame=keep bytes=3686400
#define _GNU_SOURCE
#define FORKS 300
#include "parts/fork_in_alarm.h"
#include <stdlib.h>
#include <sys/mman.h>

enum { PAGE = 4096, ROOM = 500 };

static void *map(size_t pages)
{
	return mmap(NULL, pages * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void map_over(char *at, size_t pages)
{
	mmap(at, pages * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void in_handler(void)
{
	/* Nothing allocates but this, so it may. */
	void *volatile block = malloc(50);

	free(block);
	munmap(map(2), 2 * PAGE);
}

__attribute__((noinline)) static void *keep(void)
{
	void *volatile kept = map(3);

	return kept;
}

int main(void)
{
	char *room = map(ROOM);

	begin_alarms();
	/* To the recorder these are many regions, to the kernel they are one: so it is the recorder that is interrupted. */
	while (forks < FORKS && !is_child) {
		for (size_t i = 0; i < ROOM; i++)
			map_over(room + i * PAGE, 1);
		map_over(room, ROOM);
	}
	munmap(room, ROOM * PAGE);
	if (is_child) {
		for (int i = 0; i < 100; i++)
			munmap(map(1), PAGE);
		keep();
		_exit(0);
	}
	return died;
}
