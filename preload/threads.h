/*
 * Per-thread state: the thread's totals and site rows in the image, the index that finds a site's
 * row, and the buffers that a walk fills.
 *
 * A thread is found by its control block's address. When a thread with fresh (zeroed) thread-local
 * variables has the address of one that is known, the old one is dead and its state is taken over:
 * no pthread key, no destructor, nothing lost by late frees.
 */
#ifndef LEAK_THREADS_H
#define LEAK_THREADS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "preload/image_format.h"
#include "preload/sys.h"
#include "preload/walk_cache.h"

/* Signal handlers that allocate while they interrupt our own work on this thread: how deep. Each
 * level has a buffer of its own; deeper ones are recorded without a stack. */
#define LANES 3

/* More buffers, for the walks that verify.c compares with an event's own. */
enum { LANE_VERIFY = LANES, LANE_ORACLE, LANE_JUDGE, LANES_ALL };

struct site_index;

struct thread {
	struct image_thread *totals;
	struct site_index *index;           /* hash → row; replaced when it grows */
	struct chunk_header *_Atomic sites; /* where the next site row goes */
	struct walk_cache cache;            /* of lane 0 */
	_Atomic uint32_t nested;            /* lanes in use besides lane 0 */
	uint32_t number;                    /* slot in the image */
	uintptr_t stack_high;               /* end of the thread's own stack */
	uint64_t *frames[LANES_ALL];
	uint32_t capacity[LANES_ALL];
};

/* The only thread-local memory of ours. Zero in a new thread. */
struct thread_local_state {
	struct thread *self;
	struct thread *ready;  /* self, when an ordinary event may begin; else one of the below */
	const void *last_made; /* the block that was recorded last: tells operator new that malloc
				  did it */
	struct image_site *last_row; /* where it was counted */
	size_t last_size;
	const void *deleting;  /* the block that operator delete is giving back */
	uint64_t delete_frees; /* this thread's frees when that began */
	uint32_t disabled;     /* leak_disable() depth */
	uint32_t in_backend;   /* inside libunwind: not the program's events */
	uint32_t confined;     /* in seccomp's strict mode, see thread_confine */
};

/* What tls.ready is when no ordinary event may begin. Only the thread itself and its signal
 * handlers look at it. */
#define THREAD_ASK                                                                                 \
	((struct thread *)0)             /* not known yet, in leak_disable(), or inside libunwind  \
					  */
#define THREAD_BUSY ((struct thread *)1) /* in an event of lane 0, which this one interrupted */

HOT bool thread_is_ready(const struct thread *ready)
{
	return likely((uintptr_t)ready > (uintptr_t)THREAD_BUSY);
}

extern __thread struct thread_local_state tls
	__attribute__((tls_model("initial-exec"), visibility("hidden")));

/* The calling thread's state, made or taken over the first time; NULL when it cannot be. */
struct thread *thread_attach(void);

static inline struct thread *thread_self(void)
{
	return likely(tls.self != NULL) ? tls.self : thread_attach();
}

/* What tls.ready is between events. */
struct thread *thread_idle(void);

/* leak_disable() and leak_enable(). */
void thread_disable(int how_much);

void thread_in_backend(bool inside);

/* The calling thread enters seccomp's strict mode, where every system call but read, write and exit
 * kills: its blocks are not recorded from now on, but counted, since what records them may need to
 * grow. Its frees are, which needs nothing. */
void thread_confine(bool confined);

/* Sets the calling thread's name in the image; NULL takes the kernel's. */
void thread_set_name(const char *name);

/* A bucket: the hash's high 16 bits and the row's address. Open addressing, at most half full. */
struct site_index {
	uint64_t mask;
	_Atomic uint64_t used;
	_Atomic uint64_t buckets[];
};

#define BUCKET_TAG(hash) ((hash)&0xffff000000000000ull)
#define BUCKET_ROW(bucket) ((struct image_site *)((bucket)&0xffffffffffffull))

/* The row of a site that this thread has met, by its stack's key; NULL when it has not. */
static inline struct image_site *thread_find_site(struct thread *self, uint64_t hash)
{
	const struct site_index *index = self->index;

	for (uint64_t i = hash;; i++) {
		uint64_t bucket = atomic_load_explicit(
			&index->buckets[i & index->mask], memory_order_relaxed);

		if (unlikely(!bucket))
			return NULL;
		if (likely(BUCKET_TAG(bucket ^ hash) == 0 && BUCKET_ROW(bucket)->hash == hash))
			return BUCKET_ROW(bucket);
	}
}

/* Makes the row; NULL when it cannot be. A thread on itself, also in a signal handler. */
struct image_site *thread_add_site(struct thread *self, uint64_t hash, uint32_t site);

/* Makes the buffer of a lane at least twice as large as it is. */
bool thread_grow_lane(struct thread *self, unsigned lane, uint32_t limit);

/* Makes the walk cache hold four times as many frames, up to a limit; false when it cannot. */
bool thread_grow_cache(struct thread *self, uint32_t limit);

/* Calls `visit` with each thread that was met so far, also those that are gone, by its control
 * block and number. Other threads hold still. */
void threads_each(void (*visit)(void *context, uintptr_t tcb, int tid), void *context);

/* Sums of all threads' totals. */
void threads_sum(struct image_thread *ret);

/* Start-up, also in a forked child. */
void threads_start(uintptr_t main_stack_end);

#endif
