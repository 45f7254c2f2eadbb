/*
 * Forked children: each makes blocks of its own, frees some that it inherited, and ends in one of
 * several ways, none of which changes its parent's image.
 */
#ifndef LEAK_TESTS_MODEL_CHILDREN_H
#define LEAK_TESTS_MODEL_CHILDREN_H

#include "worker.h"

/* Forks one, unless there were as many as the knobs say, and waits for its end. */
void children_fork(struct worker *self);

#endif
