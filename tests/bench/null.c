/*
 * The empty interposer: what any preloaded malloc costs before it does anything. It calls the next
 * function of the name, as a real one would, so a program with an allocator of its own keeps it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>

/* What an interposer with something to do does at each allocation (tests/matrix/naive.c). */
#ifndef ON_ALLOCATION
#define ON_ALLOCATION()
#endif

/* Found at the first call, which comes from the loader, before any constructor; dlsym itself does not
 * allocate where it finds what it looks for. */
#define NEXT(type, name, parameters, arguments, event)                           \
	type name parameters                                                     \
	{                                                                        \
		static type(*next) parameters;                                   \
                                                                                 \
		if (__builtin_expect(!next, 0))                                  \
			next = (type(*) parameters)dlsym(RTLD_NEXT, #name);      \
		event;                                                           \
		return next arguments;                                           \
	}

NEXT(void *, malloc, (size_t size), (size), ON_ALLOCATION())
NEXT(void *, calloc, (size_t n, size_t size), (n, size), ON_ALLOCATION())
NEXT(void *, realloc, (void *block, size_t size), (block, size), ON_ALLOCATION())
NEXT(void, free, (void *block), (block), (void)0)
NEXT(void *, memalign, (size_t alignment, size_t size), (alignment, size), ON_ALLOCATION())
NEXT(void *, aligned_alloc, (size_t alignment, size_t size), (alignment, size), ON_ALLOCATION())
NEXT(int, posix_memalign, (void **block, size_t alignment, size_t size), (block, alignment, size), ON_ALLOCATION())
