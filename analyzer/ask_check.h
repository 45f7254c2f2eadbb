/*
 * Asks a running process to find out which of its blocks are lost (preload/check_copy.h), by a word
 * in its image, and waits for the answer. The process sees it at an allocation of the next second;
 * one that does not allocate does not see it.
 */
#ifndef LEAK_ASK_CHECK_H
#define LEAK_ASK_CHECK_H

#include "error.h"

#include <stdint.h>

/* Asks, and waits for up to `patience_ms` until the process has begun, and then until it is done.
 * `name` is as image_open takes it. Returns 0, or -1 with a sentence that says why there is no
 * answer. */
int ask_check(const char *name, unsigned patience_ms, struct error *error);

#endif
