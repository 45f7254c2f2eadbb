// A handler maps and unmaps memory while it interrupts malloc, free and the recorder anywhere:
// mmap is safe in handlers, and every region and block is accounted for.
// pitfall: P44 P57
// flags: -O1
// expect: state=clean regions.mmap.bytes=0 live.blocks=0 not_recorded.dropped_events=0
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>

static volatile int seen;

static void handler(int number)
{
	void *page = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	seen += number != 0 && munmap(page, 4096) == 0;
}

int main(void)
{
	struct sigaction action = {.sa_handler = handler};
	struct itimerval every = {{0, 200}, {0, 200}}, never = {{0, 0}, {0, 0}};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
	while (seen < 3000) {
		void *volatile block = malloc(seen);

		block = realloc(block, 100 + seen);
		free(block);
	}
	setitimer(ITIMER_REAL, &never, NULL);
	return 0;
}
