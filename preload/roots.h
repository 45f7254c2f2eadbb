/*
 * Where a check for lost blocks begins: the memory of the process that is no block, no memory of
 * the allocator's own, and none of ours. The same as valgrind's and LeakSanitizer's roots: globals,
 * stacks from the stack pointer up, registers, thread-local storage with libc's table of it, and
 * whatever else is mapped for writing.
 */
#ifndef LEAK_ROOTS_H
#define LEAK_ROOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/check_memory.h"
#include "preload/glibc.h"
#include "preload/maps.h"
#include "preload/reach.h"
#include "preload/stop.h"

/* The caller of a check: where its frames begin that may hold pointers, and its registers then. */
struct roots_caller {
	uintptr_t stack_pointer;
	const uint64_t *registers;
	size_t register_words;
};

/* A list of ranges that grows. */
struct ranges {
	struct range *rows;
	size_t count, capacity;
};

struct roots {
	struct check_memory *memory;
	bool out_of_memory;
	struct ranges allocator; /* the allocator's: never looked at */
	struct ranges program;   /* the program's, whatever lies around it */
	struct ranges dead;      /* control blocks of threads that may have ended */
	uintptr_t main_tcb;      /* of these, the main thread's; 0: it lives */
	struct ranges skipped;   /* all that is left out, in order; made by roots_scan */
	struct stopped *threads; /* a copy, the caller first */
	size_t thread_count;
	uint64_t *registers; /* of all threads */
	size_t register_words;
	uint32_t left_out; /* CHECK_WITHOUT_* */
	bool inherited;    /* a forked child: it has blocks that nobody told of */
};

/* Notes what only the process itself knows. Other threads hold still. False when there is no
 * memory. */
bool roots_gather(struct roots *ret, struct check_memory *memory, const struct stop *stop,
	const struct roots_caller *caller, uint32_t left_out);

/* Scans them, in the process or in a forked copy of it. */
void roots_scan(struct roots *roots, struct maps *maps, struct reach *reach);

#endif
