/*
 * A check for lost blocks: takes a picture of the process, scans it (reach.h) and leaves the class
 * of every live block in the image.
 */
#ifndef LEAK_CHECK_H
#define LEAK_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/image_format.h"

/* Checks, in the process itself: the other threads hold still meanwhile. For a process that ends,
 * and where a program asks and waits for the answer. Adds a row to the image in any case; a check
 * that came to nothing is counted, too. Returns the row when the check is done, else NULL. On the
 * calling thread's stack pointers count from the caller's frame on. Not in a signal handler. */
const struct image_check *check_here(enum check_trigger trigger);

#endif
