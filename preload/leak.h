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

/* Notes the totals of this instant in the image, with a label of up to 15 bytes (or NULL). Returns
 * the snapshot's number, 0 when nothing is being recorded. (signal) */
LEAK_API unsigned leak_snapshot(const char *label);

/* As leak_snapshot, and separates what is allocated before it from what is allocated after it,
 * exactly. (signal) */
LEAK_API unsigned leak_mark(const char *label);

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
