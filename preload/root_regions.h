/*
 * Memory in which the program says that there are pointers, besides what is looked at anyway:
 * memory that is not mapped for writing, for example, or lies in a block.
 */
#ifndef LEAK_ROOT_REGIONS_H
#define LEAK_ROOT_REGIONS_H

#include <stddef.h>
#include <stdint.h>

/* Any thread. What finds no memory is not looked at, and counted as a region not recorded. */
void root_regions_add(uintptr_t start, size_t size);

/* Takes back one that was added with the same start and size. */
void root_regions_remove(uintptr_t start, size_t size);

/* Calls `visit` with each. */
void root_regions_each(void (*visit)(void *context, uintptr_t start, uintptr_t end), void *context);

/* The pointer to the first page of the list (struct image_own_page), for readers of this process's
 * memory. */
const void *root_regions_list(void);

#endif
