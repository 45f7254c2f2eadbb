/*
 * What glibc keeps in memory that a check for lost blocks must know: its malloc's own pointers,
 * which keep nothing alive, and a thread's stack and thread-local storage. glibc's layout is
 * private, so everything is recognised by what it holds and believed only when it fits; what is not
 * recognised is ordinary memory. Other threads hold still.
 */
#ifndef LEAK_GLIBC_H
#define LEAK_GLIBC_H

#include <stdbool.h>
#include <stdint.h>

struct range {
	uintptr_t start, end;
};

/* The main arena (struct malloc_state) inside [start, end), which is readable; false when there is
 * none. */
bool glibc_find_main_arena(uintptr_t start, uintptr_t end, struct range *ret);

#define GLIBC_HEAP_MAX (64ul << 20) /* heaps of other arenas begin at multiples of it */

/* Is there a heap of another arena at the beginning of [start, end), which is readable? Its used
 * part. */
bool glibc_is_heap(uintptr_t start, uintptr_t end, struct range *ret);

/* The mapping that a thread's stack is in, with its guard, from the thread's control block, of
 * which [tcb, tcb + GLIBC_TCB_BYTES) is readable. False when libc did not make it. */
bool glibc_find_stack(uintptr_t tcb, struct range *ret);

/* Has the thread of a control block ended? Its stack waits for the next thread. Readable as
 * above. */
bool glibc_thread_is_gone(uintptr_t tcb);

/* The thread's table of thread-local blocks (dtv), from its control block; its words. */
bool glibc_find_dtv(uintptr_t tcb, struct range *ret);

#define GLIBC_TCB_BYTES 0x900u /* struct pthread of 2.36; the thread pointer is its start */

#endif
