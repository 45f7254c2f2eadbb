/* Blocks on their way to another thread, by number: D. Vyukov's bounded queue, which takes no lock. */
#ifndef LEAK_TESTS_MODEL_RING_H
#define LEAK_TESTS_MODEL_RING_H

#include "told.h"

#include <stdbool.h>

/* Before the first thread. */
void ring_start(void);

/* False when it is full, or empty. */
bool ring_put(uint32_t value);
bool ring_get(uint32_t *ret);

#endif
