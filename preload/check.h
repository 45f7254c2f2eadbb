/*
 * A check for lost blocks: takes a picture of the process, scans it (reach.h) and leaves the class
 * of every live block in the image.
 */
#ifndef LEAK_CHECK_H
#define LEAK_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/check_roots.h"
#include "preload/check_since.h"
#include "preload/image_format.h"

/* Checks for a program that asks and waits for the answer, in the process itself: the other threads
 * hold still meanwhile. Adds a row to the image in any case; a check that came to nothing is
 * counted, too. Returns the row when the check is done, else NULL. On the calling thread's stack
 * pointers count from the caller's frame on. Not in a signal handler. Who comes while another check
 * is under way waits for it. */
const struct image_check *check_here(void);

/* The same for a process that ends. On its stack pointers count from where `caller` says. In a
 * sandbox there is no such check: nobody asked for it. */
const struct image_check *check_at_end(const struct roots_caller *caller);

/* The same for the program, and counts the blocks since since->moment, the rest of which is zeroed.
 * False when the check came to nothing. */
bool check_here_since(struct check_since *since);

/* In a forked child. */
void check_forget(void);

#endif
