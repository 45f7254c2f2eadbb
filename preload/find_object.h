/*
 * The loaded object around an address: by the C library's own table, which takes no lock
 * (_dl_find_object, glibc 2.35), or by the loader's list of what is loaded, read with care.
 */
#ifndef LEAK_FIND_OBJECT_H
#define LEAK_FIND_OBJECT_H

#include <link.h>
#include <stdbool.h>
#include <stdint.h>

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 35) && !defined(LEAK_NO_DL_FIND_OBJECT)
#define FIND_OBJECT_HAS_TABLE 1 /* a few nanoseconds */
#else
#define FIND_OBJECT_HAS_TABLE 0 /* some system calls for each loaded object */
#endif

struct found_object {
	uintptr_t start, end;     /* what it is mapped at */
	const void *eh_frame_hdr; /* its PT_GNU_EH_FRAME segment, or NULL */
	const struct link_map *link_map;
};

/* Finds the object that contains `address`; false when none does. No loader lock, no errno. Any
 * thread, also in a signal handler. Slow path only.
 *
 * The object found is in use as long as the address is code that somebody is to return to, or data
 * that somebody reads; of an object that is being unloaded nothing is read but by system calls. */
bool find_object(uintptr_t address, struct found_object *ret);

#endif
