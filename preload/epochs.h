/*
 * Epochs: the start, marks, snapshots, the end. Each is one row with the totals of that instant.
 */
#ifndef LEAK_EPOCHS_H
#define LEAK_EPOCHS_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/image_format.h"

/* Adds an epoch and returns its number (1 for the start; a forked child's go on from its parent's),
 * or 0 when the image cannot grow. A mark
 * also separates the moments before and after it. Any thread, also in a signal handler. */
uint32_t epochs_add(enum epoch_kind kind, const char *label);

/* The same with two amounts of bytes, see struct image_epoch. */
uint32_t epochs_add_amounts(
	enum epoch_kind kind, const char *label, uint64_t used_bytes, uint64_t limit_bytes);

/* Separates the moments before and after it, as a mark does; the first moment after it. */
uint64_t epochs_separate(void);

/* The first moment of the blocks that were made after a mark. A mark of a process that this one was
 * forked from is before all of its own. False when there is no such mark. Any thread. */
bool epochs_moment_of_mark(uint32_t number, uint64_t *ret);

/* In a forked child: none yet. */
void epochs_forget(void);

#endif
