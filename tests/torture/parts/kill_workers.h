/*
 * Threads that allocate, reallocate and free at full speed and tell of it in a struct kill_log;
 * some blocks are handed to other threads. Included by the programs of the kill and family tests.
 */
#ifndef LEAK_TESTS_KILL_WORKERS_H
#define LEAK_TESTS_KILL_WORKERS_H

#include "kill_log.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct kill_log *told;

struct job {
	uint32_t stack;
	uint32_t left; /* routes yet to take */
	void *block;
	size_t size;
};

/* ---- the call sites: each function has one call, which is not its last act ---- */

#define CODE __attribute__((noinline, noclone, section("kill_code")))
#define RETURN(number, result)                                                                     \
	void *made = result;                                                                       \
	__asm__ volatile("" : "+r"(made) : "i"(number));                                           \
	return made

static void *posix_aligned(void *block, int error)
{
	return error ? NULL : block;
}

CODE static void *site_0(struct job *job)
{
	RETURN(0, malloc(job->size));
}
CODE static void *site_1(struct job *job)
{
	RETURN(1, malloc(job->size));
}
CODE static void *site_2(struct job *job)
{
	RETURN(2, malloc(job->size));
}
CODE static void *site_3(struct job *job)
{
	RETURN(3, calloc(1, job->size));
}
CODE static void *site_4(struct job *job)
{
	RETURN(4, calloc(job->size, 1));
}
CODE static void *site_5(struct job *job)
{
	RETURN(5, realloc(job->block, job->size)); /* of NULL */
}
CODE static void *site_6(struct job *job)
{
	int error = posix_memalign(&job->block, 64, job->size);
	RETURN(6, posix_aligned(job->block, error));
}
CODE static void *site_7(struct job *job)
{
	RETURN(7, memalign(256, job->size));
}
CODE static void *site_8(struct job *job)
{
	RETURN(8, aligned_alloc(32, job->size));
}
CODE static void *site_9(struct job *job)
{
	RETURN(9, realloc(job->block, job->size));
}
CODE static void *site_10(struct job *job)
{
	RETURN(10, realloc(job->block, job->size));
}
CODE static void *site_11(struct job *job)
{
	RETURN(11, reallocarray(job->block, 1, job->size));
}

static void *(*const sites[KILL_SITES])(struct job *) = {site_0, site_1, site_2, site_3, site_4,
	site_5, site_6, site_7, site_8, site_9, site_10, site_11};

static void *(*const routes[KILL_ROUTES])(struct job *);

static inline __attribute__((always_inline)) void *go_on(struct job *job)
{
	uint32_t taken = STACK_DEPTH(job->stack) - job->left;

	if (job->left == 0)
		return sites[STACK_SITE(job->stack)](job);
	job->left--;
	return routes[STACK_ROUTE(job->stack, taken)](job);
}

#define ROUTE(number)                                                                              \
	CODE static void *route_##number(struct job *job)                                          \
	{                                                                                          \
		RETURN(100 + number, go_on(job));                                                  \
	}
ROUTE(0) ROUTE(1) ROUTE(2) ROUTE(3) ROUTE(4) ROUTE(5) ROUTE(6) ROUTE(7)

static void *(*const routes[KILL_ROUTES])(struct job *) = {
	route_0, route_1, route_2, route_3, route_4, route_5, route_6, route_7};

/* ---- events, and what is told of them ---- */

struct worker {
	pthread_t thread;
	bool runs;
	uint32_t number;
	uint64_t random;
	uint32_t entries[KILL_ENTRIES]; /* those that this thread may touch */
	uint32_t count;
};

static struct worker workers[KILL_THREADS];

#define BOXES 16
/* Blocks on their way to another thread: an entry's number + 1. */
static _Atomic uint32_t boxes[BOXES];

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 2685821657736338717ull >> 16;
}

static size_t random_size(uint64_t *random)
{
	uint64_t choice = next_random(random), size = next_random(random);

	if (choice % 100 < told->large)
		return (1u << 20) + size % (1u << 20);
	if (choice % 100 < told->large + 8)
		return 511 + size % (64u << 10);
	return 1 + size % 510;
}

static void touch(char *block, size_t size)
{
	for (size_t i = 0; i < size; i += told->touch ? 4096 : size)
		block[i] = 1;
}

static void tell(struct kill_entry *entry, enum entry_kind kind, uint32_t version, uint32_t thread)
{
	atomic_store(&entry->state, ENTRY_STATE(kind, version, thread));
}

/* Allocates the entry's block, or makes it another. */
CODE static void *act(struct kill_entry *entry, uint32_t thread, struct job job)
{
	uint32_t state = atomic_load(&entry->state), old = ENTRY_VERSION(state), fresh = !old;
	bool live = ENTRY_KIND(state) == ENTRY_LIVE;
	char *made;

	entry->versions[fresh].size = job.size;
	entry->versions[fresh].stack = job.stack;
	if (live)
		tell(entry, ENTRY_RESIZING, old, thread);
	else
		tell(entry, ENTRY_PENDING, fresh, thread);
	made = go_on(&job);
	if (made) {
		entry->versions[fresh].address = (uint64_t)(uintptr_t)made;
		tell(entry, ENTRY_LIVE, fresh, thread);
		touch(made, job.size);
		return made;
	}
	atomic_fetch_add(&told->failed, 1);
	tell(entry, live ? ENTRY_LIVE : ENTRY_EMPTY, old, thread);
	return NULL;
}

static void release(struct kill_entry *entry, uint32_t thread)
{
	uint32_t version = ENTRY_VERSION(atomic_load(&entry->state));
	void *block = (void *)(uintptr_t)entry->versions[version].address;

	tell(entry, ENTRY_FREEING, version, thread);
	free(block);
	tell(entry, ENTRY_EMPTY, version, thread);
}

static void hand_over(struct worker *self, uint32_t place)
{
	uint32_t given = self->entries[place] + 1;
	uint32_t got = atomic_exchange(&boxes[next_random(&self->random) % BOXES], given);

	if (got)
		self->entries[place] = got - 1;
	else
		self->entries[place] = self->entries[--self->count];
}

/* One event, or two blocks that change hands. */
static inline __attribute__((always_inline)) void step(struct worker *self)
{
	uint32_t place = (uint32_t)(next_random(&self->random) % self->count);
	struct kill_entry *entry = &told->entries[self->entries[place]];
	bool live = ENTRY_KIND(atomic_load(&entry->state)) == ENTRY_LIVE;
	uint64_t choice = next_random(&self->random);
	uint32_t site = live ? KILL_MAKERS + choice / 4 % (KILL_SITES - KILL_MAKERS)
			     : choice / 4 % KILL_MAKERS;
	uint32_t depth = choice >> 8 & 3, path = choice >> 10 & 0x1ff;

	if (!live || choice % 4 == 0) {
		void *block = (void *)(uintptr_t)entry
				      ->versions[ENTRY_VERSION(atomic_load(&entry->state))]
				      .address;
		act(entry, self->number,
			(struct job){.stack = site | depth << 4 | path << 6,
				.left = depth,
				.block = live ? block : NULL,
				.size = random_size(&self->random)});
	} else if (choice % 4 == 1) {
		hand_over(self, place);
	} else {
		release(entry, self->number);
	}
	atomic_fetch_add_explicit(&told->events, 1, memory_order_relaxed);
}

/* ---- threads ---- */

/* What a thread that is told to end does; NULL: it just returns. */
static void (*end_process)(struct worker *self);

static bool is_told_to_end(const struct worker *self)
{
	return atomic_load_explicit(&told->die, memory_order_relaxed) &&
	       (told->die_thread == self->number || told->die_thread == KILL_ALL_THREADS);
}

CODE static void *worker(void *argument)
{
	struct worker *self = argument;
	uint64_t steps = 1000 + next_random(&self->random) % 20000;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	atomic_store(&told->tids[self->number], (uint32_t)syscall(SYS_gettid));
	atomic_fetch_add(&told->started, 1);
	for (uint64_t i = 0; i < steps; i++) {
		if (is_told_to_end(self)) {
			if (end_process)
				end_process(self);
			break;
		}
		step(self);
	}
	return NULL;
}

static void tell_functions(void)
{
	extern char __stop_kill_code[];

	for (uint32_t i = 0; i < KILL_SITES; i++)
		told->functions[i] = (uint64_t)(uintptr_t)sites[i];
	for (uint32_t i = 0; i < KILL_ROUTES; i++)
		told->functions[FUNCTION_ROUTE + i] = (uint64_t)(uintptr_t)routes[i];
	told->functions[FUNCTION_ACT] = (uint64_t)(uintptr_t)act;
	told->functions[FUNCTION_WORKER] = (uint64_t)(uintptr_t)worker;
	told->functions_end = (uint64_t)(uintptr_t)__stop_kill_code;
}

/* Before the first thread. */
static void workers_prepare(struct kill_log *log)
{
	told = log;
	tell_functions();
	for (uint32_t i = 0; i < KILL_THREADS; i++) {
		struct worker *self = &workers[i];
		self->number = i;
		self->random = ((uint64_t)told->seed << 8 | i) * 0x9e3779b97f4a7c15u + 1;
		for (; self->count < KILL_ENTRIES_EACH; self->count++)
			self->entries[self->count] = i * KILL_ENTRIES_EACH + self->count;
	}
}

#endif
