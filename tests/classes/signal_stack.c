// Exit in a signal handler on an alternate stack: that stack and the interrupted one keep blocks.
// classes: reachable=120/2
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { SIZE = 65536 };

static void handler(int number)
{
	void *volatile kept = malloc(50);

	exit(kept == NULL || number != SIGUSR1);
}

int main(void)
{
	void *volatile kept = malloc(70);
	stack_t alternate = {.ss_size = SIZE};
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};

	alternate.ss_sp =
		mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sigaltstack(&alternate, NULL);
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	return kept == NULL;
}
