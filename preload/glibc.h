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
/* The end of what malloc keeps of its own at its start: in an arena's first one, the arena. */
uint64_t glibc_heap_lists_end(const struct reach_view *view, uint64_t start);

/* How libc arranges a thread's control block, its thread-local storage and its stack on a machine
 * (ELF's e_machine; one that is not known is taken for x86-64). `tcb` below is the thread pointer.
 */
struct glibc_layout;
const struct glibc_layout *glibc_layout_of(uint32_t machine);

/* What must be readable before the following are asked. */
struct range glibc_block_at_most(const struct glibc_layout *layout, uint64_t tcb);

/* The control block and, on the side where it lies, so many bytes of thread-local storage. */
struct range glibc_storage(const struct reach_view *view, const struct glibc_layout *layout,
	uint64_t tcb, uint64_t bytes);

/* The mapping that a thread's stack is in, with its guard, from the thread's control block. False
 * when libc did not make it. */
bool glibc_find_stack(const struct reach_view *view, const struct glibc_layout *layout,
	uint64_t tcb, struct range *ret);

/* Has the thread of a control block ended? Its stack waits for the next thread. */
bool glibc_thread_is_gone(
	const struct reach_view *view, const struct glibc_layout *layout, uint64_t tcb);

/* The thread's table of thread-local blocks (dtv), from its control block; its words. */
bool glibc_find_dtv(const struct reach_view *view, const struct glibc_layout *layout, uint64_t tcb,
	struct range *ret);

#endif
