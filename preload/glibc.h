/*
 * What glibc keeps in memory that a check for lost blocks must know: its malloc's own pointers,
 * which keep nothing alive, and a thread's stack and thread-local storage. glibc's layout is
 * private, so everything is recognised by what it holds and believed only when it fits; what is not
 * recognised is ordinary memory. Compiled into both programs.
 */
#ifndef LEAK_GLIBC_H
#define LEAK_GLIBC_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/reach.h"

struct range {
	uint64_t start, end;
};

/* All of these look at the memory of `view`; what cannot be read is not recognised. */

/* The main arena (struct malloc_state) inside [start, end), and where its last chunk begins; false
 * when there is none. */
bool glibc_find_main_arena(const struct reach_view *view, uint64_t start, uint64_t end,
	struct range *ret, uint64_t *ret_top);

#define GLIBC_HEAP_MAX (64ul << 20) /* heaps of other arenas begin at multiples of it */

/* Is there a heap of another arena at the beginning of [start, end)? Its used part. */
bool glibc_is_heap(const struct reach_view *view, uint64_t start, uint64_t end, struct range *ret);

/* The mapping that a thread's stack is in, with its guard, from the thread's control block. False
 * when libc did not make it. */
bool glibc_find_stack(const struct reach_view *view, uint64_t tcb, struct range *ret);

/* Has the thread of a control block ended? Its stack waits for the next thread. */
bool glibc_thread_is_gone(const struct reach_view *view, uint64_t tcb);

/* The thread's table of thread-local blocks (dtv), from its control block; its words. */
bool glibc_find_dtv(const struct reach_view *view, uint64_t tcb, struct range *ret);

#define GLIBC_TCB_BYTES 0x900u /* struct pthread of 2.36; the thread pointer is its start */

#endif
