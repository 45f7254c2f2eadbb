/*
 * The steps of one check for lost blocks: a picture of what only the process knows, the scan, the
 * results. Whoever does a check puts them together: in the process itself (check.c), or the first
 * in the process and the others in a forked copy of it (check_copy.c).
 *
 * What holds addresses of blocks lies in memory of its own, which is no root, not on the stack.
 */
#ifndef LEAK_CHECK_SCAN_H
#define LEAK_CHECK_SCAN_H

#include "preload/check_allocator.h"
#include "preload/check_memory.h"
#include "preload/check_paths.h"
#include "preload/check_results.h"
#include "preload/check_roots.h"
#include "preload/check_since.h"
#include "preload/live_list.h"
#include "preload/maps.h"
#include "preload/reach.h"
#include "preload/stop.h"

/* Everything that one check needs. Lies in its own memory. */
struct check {
	struct check_memory memory;
	struct image_check *row;
	struct stop stop;
	struct live_list list;
	struct roots roots;
	struct maps maps;
	struct reach_view view;
	struct reach *reach;
	struct check_results results;
	struct check_paths paths;       /* with paths=1 */
	struct check_addresses ignored; /* blocks that the program asked not to report */
	struct check_addresses inner;   /* blocks that the allocator made for itself */
	struct check_allocator allocator;
	struct check_addresses pools; /* blocks of its own pools */
	struct check_since *since;    /* NULL: nobody wants to know */
};

/* A check with its memory; NULL when there is none. */
struct check *check_make(struct image_check *row);
void check_release(struct check *check);

/* Has the other threads hold still, and separates the blocks of before from those that come later.
 * False when they cannot be stopped. Ends with stop_release. */
bool check_stop(struct check *check);

/* Who there is, and which blocks there are. Other threads hold still. 0, or why not. */
enum check_failure check_picture(struct check *check, const struct roots_caller *caller);

/* Which of them can be reached. Nobody else changes the memory. 0, or why it cannot be told. */
enum check_failure check_scan(struct check *check);

/* Writes down what came out, into room that was taken (check_results_prepare). */
void check_store(struct check *check);

#endif
