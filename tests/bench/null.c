/*
 * The empty interposer: what any preloaded malloc costs before it does anything. It calls the next
 * function of the name, as a real one would, so a program with an allocator of its own keeps it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>

/* Found at the first call, which comes from the loader, before any constructor; dlsym itself does not
 * allocate where it finds what it looks for. */
#define NEXT(type, name, parameters, arguments)                                  \
	type name parameters                                                     \
	{                                                                        \
		static type(*next) parameters;                                   \
                                                                                 \
		if (__builtin_expect(!next, 0))                                  \
			next = (type(*) parameters)dlsym(RTLD_NEXT, #name);      \
		return next arguments;                                           \
	}

NEXT(void *, malloc, (size_t size), (size))
NEXT(void *, calloc, (size_t n, size_t size), (n, size))
NEXT(void *, realloc, (void *block, size_t size), (block, size))
NEXT(void, free, (void *block), (block))
NEXT(void *, memalign, (size_t alignment, size_t size), (alignment, size))
NEXT(void *, aligned_alloc, (size_t alignment, size_t size), (alignment, size))
NEXT(int, posix_memalign, (void **block, size_t alignment, size_t size), (block, alignment, size))
