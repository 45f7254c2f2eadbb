/*
 * A check for lost blocks: takes a picture of the process, scans it (reach.h) and leaves the class
 * of every live block in the image.
 */
#ifndef LEAK_CHECK_H
#define LEAK_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/check_since.h"
#include "preload/image_format.h"

/* Checks, in the process itself: the other threads hold still meanwhile. For a process that ends,
 * and where a program asks and waits for the answer. Adds a row to the image in any case; a check
 * that came to nothing is counted, too. Returns the row when the check is done, else NULL. On the
 * calling thread's stack pointers count from the caller's frame on. Not in a signal handler. Who
 * comes while another check is under way waits for it. */
const struct image_check *check_here(enum check_trigger trigger);

/* The same for the program, and counts the blocks since since->moment, the rest of which is zeroed.
 * False when the check came to nothing. */
bool check_here_since(struct check_since *since);

/* In a forked child. */
void check_forget(void);

#endif
