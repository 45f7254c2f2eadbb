/*
 * Mapped pages: a worker maps, overlays, remaps and unmaps pages of its own, some of a mapping or
 * all of it, and notes each page with the call that it is of.
 */
#ifndef LEAK_TESTS_MODEL_PAGES_H
#define LEAK_TESTS_MODEL_PAGES_H

#include "worker.h"

/* One random operation. */
void pages_step(struct worker *self);

/* Checks what is in all pages that are mapped, when no worker runs. */
void pages_check_all(void);

/* Puts the addresses of the functions that map into the log. */
void pages_tell(void);

#endif
