/*
 * Where a check for lost blocks begins: the memory of the process that is no block, no memory of
 * the allocator's own, and none of the recorder's. The same as valgrind's and LeakSanitizer's
 * roots: globals, stacks from the stack pointer up, registers, thread-local storage with libc's
 * table of it, and whatever else is mapped for writing.
 *
 * A function over a picture of some memory, as reach.h is: this process's own (check_roots.c) or a
 * core's. Compiled into both programs. One thread.
 */
#ifndef LEAK_ROOTS_H
#define LEAK_ROOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/glibc.h"
#include "preload/image_format.h"
#include "preload/map.h"
#include "preload/reach.h"

/* A list of ranges that grows. */
struct ranges {
	struct range *rows;
	size_t count, capacity;
};

/* A thread that lives. */
struct roots_thread {
	uint64_t stack_pointer, thread_pointer;
};

/* What to choose from. All of it is the caller's to fill in; what is not known stays 0. */
struct roots {
	const struct reach_view *view;     /* the memory, and memory for the lists */
	const struct glibc_layout *layout; /* of the machine */
	const struct map *maps;
	size_t map_count;
	const struct roots_thread *threads;
	size_t thread_count;
	const uint64_t *registers; /* of all threads */
	size_t register_words;
	uint32_t red_zone;         /* bytes below a stack pointer that are in use */
	struct range libc;         /* what libc is mapped at, its data included */
	uint64_t program_end;      /* behind the program's own zeroed data */
	uint64_t main_stack_end;   /* just above the main thread's frames */
	uint64_t tls_bytes;        /* thread-local storage beside a control block, at most */
	uint64_t own_tls_distance; /* the recorder's: so far below the control block */
	uint64_t own_tls_bytes;
	uint32_t allocator_module; /* number of the one that malloc is in, unless that is libc */
	uint32_t left_out;         /* CHECK_WITHOUT_* */
	bool inherited;            /* a forked child: it has blocks that nobody told of */

	/* By the functions below. */
	struct ranges skipped; /* all that is left out; in order after roots_scan */
	struct ranges program; /* the program's, whatever lies around it */
	struct ranges dead;    /* control blocks of threads that may have ended */
	uint64_t main_tcb;     /* of these, the main thread's; 0: it lives */
	bool out_of_memory;    /* for a list: what was chosen is of no use */
};

/* Adds to one of the lists. */
void roots_add(struct roots *roots, struct ranges *ranges, uint64_t start, uint64_t end);

/* No pointer is looked for there. */
void roots_leave_out(struct roots *roots, uint64_t start, uint64_t end);

/* A region that the recorder saw being mapped, by code at `caller` (an image_node's ip; 0: not
 * known): the allocator's own, or the program's. `allocator_module` is set. */
void roots_add_region(struct roots *roots, const struct image_region *region, uint64_t caller);

/* A thread that was there once: its control block. `threads` is set. */
void roots_add_thread(struct roots *roots, uint64_t tcb, bool is_main);

/* Where mappings have no names, in a core or in an emulator: the main heap is where the main arena
 * ends. `rows` are the maps, whose sort it changes; `libc` is set. */
void roots_find_main_heap(const struct roots *roots, struct map *rows);

/* Leaves out what is told by what it holds, and follows the rest. Words at hand are given to
 * `reach` in this order: the registers, unless they are left out, then libc's tables. */
void roots_scan(struct roots *roots, struct reach *reach);

/* The mapping around an address; NULL when there is none. */
const struct map *roots_map_at(const struct roots *roots, uint64_t at);

/* A thread's own stack, as far as it is known: where it may have pointers, where it is dead. */
struct roots_area {
	uint64_t start, end; /* of the stack's mapping or part of it */
	uint64_t tls;        /* where its thread-local storage begins, above all frames */
};

/* False when the thread is not on a stack of libc's or the kernel's. */
bool roots_find_area(
	const struct roots *roots, const struct roots_thread *thread, struct roots_area *ret);

#endif
