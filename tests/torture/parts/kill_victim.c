/*
 * The victim of the kill tests: threads at full speed (kill_workers.h); when one ends, another
 * takes its place. On demand, one of them ends the process: in its ordinary course, or from a
 * signal handler (SIGUSR1), which may interrupt an event anywhere.
 */
#define _GNU_SOURCE
#include "kill_workers.h"

#include <sys/mman.h>

static char *no_memory_behind;                /* touching it is a SIGBUS */
static char *volatile no_address = (char *)8; /* touching it is a SIGSEGV */

/* Events on the way down, where there is no handler to be in: the last one may be that which does
 * not fit. */
CODE static int overflow(struct worker *self, volatile char *outer)
{
	volatile char room[3000];

	room[0] = *outer;
	if (room[0] == 0) /* never */
		return 0;
	if (self)
		step(self);
	return overflow(self, room) + room[0];
}

CODE static void die(struct worker *self)
{
	static char *const arguments[] = {"victim", "after", NULL}, *const environment[] = {NULL};
	volatile char start = 1;

	switch (told->death) {
	case DEATH_SEGV:
		*no_address = 1;
		break;
	case DEATH_BUS:
		*(volatile char *)no_memory_behind = 1;
		break;
	case DEATH_ABORT:
		abort();
	case DEATH_OVERFLOW:
		overflow(self, &start);
		break;
	case DEATH_EXEC:
		execve("/proc/self/exe", arguments, environment);
		break;
	case DEATH_EXIT:
		_exit(KILL_STATUS_EXIT);
	case DEATH_EXIT_RAW:
		syscall(SYS_exit_group, KILL_STATUS_EXIT);
	}
	_exit(99); /* not reached */
}

static void on_signal(int signal)
{
	(void)signal;
	die(NULL);
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = on_signal};
	pthread_attr_t attributes;
	struct kill_log *log;

	(void)argv;
	if (argc > 1)
		return KILL_STATUS_AFTER_EXEC;
	log = mmap(NULL, sizeof(*log), PROT_READ | PROT_WRITE, MAP_SHARED, KILL_LOG_FD, 0);
	if (log == MAP_FAILED)
		return 98;
	close(KILL_LOG_FD);
	workers_prepare(log);
	no_memory_behind = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
		memfd_create("empty", MFD_CLOEXEC), 0);
	end_process = die;
	told->functions[FUNCTION_OVERFLOW] = (uint64_t)(uintptr_t)overflow;
	told->functions[FUNCTION_DIE] = (uint64_t)(uintptr_t)die;
	sigaction(SIGUSR1, &action, NULL);
	sigemptyset(&action.sa_mask);
	sigaddset(&action.sa_mask, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &action.sa_mask, NULL);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 512 << 10);
	atomic_store(&told->in_main, 1);
	/* A thread that cannot be had now is tried again when its turn comes. */
	for (uint32_t i = 0;; i = (i + 1) % KILL_THREADS) {
		if (workers[i].runs)
			pthread_join(workers[i].thread, NULL);
		workers[i].runs =
			pthread_create(&workers[i].thread, &attributes, worker, &workers[i]) == 0;
	}
}
