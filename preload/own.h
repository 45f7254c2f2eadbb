/*
 * Memory of ours, by address: our module, and anonymous memory. It is no memory of the program's,
 * so no scan may look for pointers there (our tables are full of block addresses). A forked child
 * has its parent's, too, and so has the list.
 */
#ifndef LEAK_OWN_H
#define LEAK_OWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/image_format.h"

/* Zeroed pages; NULL when there are none. Any thread, also in a signal handler. */
void *own_memory(size_t size);

/* Gives all of it back. */
void own_release(void *memory, size_t size);

/* Puts our module, with its data, into the list. Once, before any reader. */
void own_begin(void);

/* The list's beginning, for readers of this process's memory. */
const struct image_own_page *own_list(void);

/* Calls `visit` with each piece, in no order. Other threads hold still, or some may be missed. */
void own_each(void (*visit)(void *context, uintptr_t start, uintptr_t end), void *context);

#endif
