/*
 * libleak's interface for programs that want to help. Everything is weak: a program that includes
 *this runs with and without the preloaded library. Test a function's address before the call:
 *
 *	if (leak_mark)
 *		leak_mark("request done");
 *
 * All functions may be called from any thread; those marked (signal) also from a signal handler.
 * None changes errno, and none ends the program.
 */
#ifndef LEAK_H
#define LEAK_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef LEAK_API
#define LEAK_API __attribute__((weak))
#endif

/* Notes the totals of this instant in the image, with a label of up to 54 bytes (or NULL). Returns
 * the snapshot's number, which rises, 0 when nothing is being recorded. (signal) */
LEAK_API unsigned leak_snapshot(const char *label);

/* As leak_snapshot, and separates what is allocated before it from what is allocated after it,
 * exactly. (signal) */
LEAK_API unsigned leak_mark(const char *label);

struct leak_amount {
	size_t bytes, blocks; /* as requested, without what the allocator adds */
};

/* Blocks that were allocated, or given another size by realloc, after some mark. */
struct leak_since {
	struct leak_amount lost;     /* definitely: nothing points at them any more */
	struct leak_amount indirect; /* only lost blocks point at them */
	struct leak_amount possible; /* there are only pointers into them */
	struct leak_amount live;     /* not freed: all of these, and what is still reachable */
};

/* Checks which blocks are lost now, as at the end of the program, and counts those since a mark,
 * which is what leak_mark returned. 1: some are definitely lost; 0: none is; -1: that cannot be
 * told, and *ret, which may be NULL, is zeroed. Prints nothing. What leak_disable and leak_ignore
 * are for is not counted; suppressions are only applied in reports.
 *
 * It counts the blocks of all threads, not only the caller's. One that another thread is about to
 * get while the mark is made may be on either side of it. Marks may nest, and be asked about in any
 * order and repeatedly. In a forked child a mark of its parent is good for what the child itself
 * allocated; with what it inherited nothing is known to be lost.
 *
 * All other threads hold still meanwhile: some 0.2 ms, and a millisecond more for each 10,000
 * blocks that are live. Who asks while another thread does waits for it. Not in a
 * signal handler.
 *
 * -1 is returned where nothing is recorded, for a number that no mark has (0, for one), with
 * classes=0, when a block could not be recorded, when the other threads cannot be stopped, in a
 * sandbox that might kill for it, and without memory for the check. */
LEAK_API int leak_check_since(unsigned mark, struct leak_since *ret);

/* What the calling thread allocates between these two is not reported (it is counted as
 * suppressed). Calls nest. */
LEAK_API void leak_disable(void);
LEAK_API void leak_enable(void);

/* Do not report this block, which the caller owns. Blocks that are not live are left alone. */
LEAK_API void leak_ignore(const void *block);

/* The calling thread's name in reports, up to 15 bytes; NULL takes the kernel's. */
LEAK_API void leak_name_thread(const char *name);

/* A pool of the program's own: report a block that it hands out, and that it takes one back. The
 * block may lie inside a block of malloc or in a mapping; its address must be its own, `size` is in
 * bytes. */
LEAK_API void leak_pool_alloc(const void *block, size_t size);
LEAK_API void leak_pool_free(const void *block);

#ifdef __cplusplus
}
#endif

#endif
