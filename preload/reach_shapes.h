/*
 * Pointers into a block by which compilers and libraries hold it: memcheck's heuristics, and one
 * more.
 */
#ifndef LEAK_REACH_SHAPES_H
#define LEAK_REACH_SHAPES_H

#include "preload/reach_scan.h"

/* Whether a pointer to the middle of a block of this start and size is one of these. Reads memory.
 */
bool reach_shape(struct reach *reach, uint64_t pointer, uint64_t start, uint64_t size);

#endif
