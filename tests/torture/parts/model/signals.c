#define _GNU_SOURCE
#include "signals.h"
#include "blocks.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

/* Whose thread this is; NULL: none that may be interrupted. */
static __thread struct worker *interruptible;

#define PAGES_IN_HANDLER 2

static void interrupted(int number)
{
	struct worker *self = interruptible;
	struct model_block *block;
	int saved = errno;
	void *pages;

	(void)number;
	if (!self)
		return;
	pages = mmap(NULL, PAGES_IN_HANDLER * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages != MAP_FAILED)
		munmap(pages, PAGES_IN_HANDLER * PAGE);
	if (told->safe || !in_allocator) {
		block = &told->handler_blocks[self->number][next_random(&self->handler_random) %
							    MODEL_HANDLER_EACH];
		if (block->address &&
			(!block_can_resize(block) || next_random(&self->handler_random) & 1))
			block_release(block, &self->handler_random);
		else
			act_in_handler(block, &self->handler_random);
	}
	atomic_fetch_add(&told->handled, 1);
	errno = saved;
}

void signals_start(void)
{
	struct sigaction action = {.sa_handler = interrupted, .sa_flags = SA_RESTART};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGPROF};
	struct itimerspec every = {.it_interval.tv_nsec = 1000000000 / told->signals};
	timer_t timer;

	every.it_value = every.it_interval;
	sigaction(SIGPROF, &action, NULL);
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) || timer_settime(timer, 0, &every, NULL))
		wrong("no timer: %s", strerror(errno));
}

static void set_mask(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPROF);
	pthread_sigmask(how, &set, NULL);
}

void signals_allow(struct worker *self)
{
	interruptible = self;
	set_mask(SIG_UNBLOCK);
}

void signals_block(void)
{
	set_mask(SIG_BLOCK);
	interruptible = NULL;
}
