/*
 * Blocks that an allocator in libc's place made for itself when it was loaded, as tcmalloc's
 * description of itself. Only its own data has their addresses, and that is no root (roots.h): they
 * are taken to be kept. What it makes later, for the program, is not: its callers are the
 * program's.
 */
#ifndef LEAK_CHECK_ALLOCATOR_H
#define LEAK_CHECK_ALLOCATOR_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed: there is no such allocator. */
struct check_allocator {
	uint32_t module, loader; /* their numbers; 0: none */
	uint32_t site;           /* that was asked about last, and the answer */
	bool made;
};

/* `module` is the allocator's number, 0 when its data is a root like others. */
struct check_allocator check_allocator_of(uint32_t module);

/* Did it make the blocks of this site for itself? In the process. */
bool check_allocator_made(struct check_allocator *allocator, uint32_t site);

#endif
