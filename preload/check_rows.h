/* The rows of the image that tell of checks for lost blocks: one for each attempt. */
#ifndef LEAK_CHECK_ROWS_H
#define LEAK_CHECK_ROWS_H

#include "preload/image_format.h"

/* Adds one, RUNNING; NULL (and counted) when the image cannot grow. */
struct image_check *check_row_begin(enum check_trigger trigger);

/* Ends it: DONE, or with a failure FAILED and counted. */
void check_row_end(struct image_check *row, enum check_failure failure);

/* Adds one that only says why there is no check. */
void check_row_refuse(enum check_trigger trigger, enum check_failure why);

/* Nanoseconds of an exact clock, to tell how long a check took. */
uint64_t check_clock_ns(void);

/* In a forked child. */
void check_rows_forget(void);

#endif
