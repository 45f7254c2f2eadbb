/*
 * A timer's signal, whose handler allocates, frees and maps in whatever worker it interrupts. It
 * may be in the allocator itself only where `safe` is set; see main.c.
 */
#ifndef LEAK_TESTS_MODEL_SIGNALS_H
#define LEAK_TESTS_MODEL_SIGNALS_H

#include "worker.h"

/* Starts the timer, as often as the knobs say. */
void signals_start(void);

/* This thread is a worker's from now on, and may be interrupted. */
void signals_allow(struct worker *self);

/* This thread, and those that it starts, are not interrupted. */
void signals_block(void);

#endif
