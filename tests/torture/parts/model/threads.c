#define _GNU_SOURCE
#include "threads.h"
#include "blocks.h"
#include "children.h"
#include "pages.h"
#include "ring.h"
#include "signals.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

static struct worker workers[MODEL_WORKERS];

static void hand_over(struct worker *self, uint32_t place)
{
	uint32_t got;

	if (self->count > 1 && ring_put(self->entries[place]))
		self->entries[place] = self->entries[--self->count];
	if (self->count < MODEL_BLOCKS_EACH && ring_get(&got))
		self->entries[self->count++] = got;
}

/* In the thread's function itself, whose frame must be the one that calls act. */
static inline __attribute__((always_inline)) void step(struct worker *self)
{
	uint32_t place = (uint32_t)(next_random(&self->random) % self->count);
	struct model_block *block = &told->blocks[self->entries[place]];
	uint64_t choice = next_random(&self->random) % 1000;

	atomic_fetch_add_explicit(&told->events, 1, memory_order_relaxed);
	if (choice < told->pages) {
		pages_step(self);
		return;
	}
	choice = next_random(&self->random) % 100;
	if (choice < 2)
		block_be_refused(block, &self->random);
	else if (choice < 20)
		hand_over(self, place);
	else if (!block->address || (block_can_resize(block) && choice < 45))
		act(block, &self->random);
	else
		block_release(block, &self->random);
}

CODE static void *worker(void *argument)
{
	struct worker *self = argument;
	uint32_t fork_at = told->forks ? told->forks / told->workers + 1 : 0;

	signals_allow(self);
	for (uint32_t i = 0; i < told->steps; i++) {
		step(self);
		if (fork_at && i % (told->steps / fork_at + 1) == self->number)
			children_fork(self);
	}
	signals_block();
	return NULL;
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void start_worker(struct worker *self)
{
	pthread_attr_t attributes;
	int error;

	/* Some on a stack of their own size, which libc does not keep for the next. */
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(
		&attributes, next_random(&self->random) % 4 ? 128u << 10 : 192u << 10);
	error = pthread_create(&self->thread, &attributes, worker, self);
	pthread_attr_destroy(&attributes);
	/* Where memory ends there may be none for another thread; later there may be. */
	self->runs = !error;
	if (error && told->limited)
		return;
	if (error)
		wrong("thread %u: %s", atomic_load(&told->threads), strerror(error));
	atomic_fetch_add(&told->threads, 1);
}

/* Everything is still, so that what the recorder has can be measured: the n-th time. */
static void pause_here(uint32_t n)
{
	atomic_store(&told->paused, n);
	while (atomic_load(&told->go) < n)
		usleep(1000);
}

static void join(struct worker *self)
{
	if (self->runs)
		pthread_join(self->thread, NULL);
	self->runs = false;
}

static void join_all(void)
{
	for (uint32_t i = 0; i < told->workers; i++)
		join(&workers[i]);
}

static void start_all(void)
{
	for (uint32_t i = 0; i < told->workers; i++)
		start_worker(&workers[i]);
}

void threads_run(void)
{
	double end = seconds_now() + told->seconds;
	bool paused = false;
	uint32_t i = 0;

	start_all();
	while (told->seconds ? seconds_now() < end : atomic_load(&told->threads) < told->lives) {
		if (!paused && told->pause_at && atomic_load(&told->threads) >= told->pause_at) {
			paused = true;
			join_all();
			pause_here(1);
			start_all();
			i = 0;
		}
		join(&workers[i]);
		start_worker(&workers[i]);
		i = (i + 1) % told->workers;
	}
	join_all();
	if (paused)
		pause_here(2);
}

void threads_prepare(void)
{
	for (uint32_t i = 0; i < told->workers; i++) {
		struct worker *self = &workers[i];

		self->number = i;
		self->random = (told->seed << 8 | i) * 0x9e3779b97f4a7c15u + 1;
		self->handler_random = self->random * 31 + 7;
		for (; self->count < MODEL_BLOCKS_EACH; self->count++)
			self->entries[self->count] = i * MODEL_BLOCKS_EACH + self->count;
	}
}

void threads_tell(void)
{
	told->functions[IN_WORKER] = (uintptr_t)worker;
}
