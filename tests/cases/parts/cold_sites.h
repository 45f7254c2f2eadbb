/*
 * malloc from a thousand places: whoever walks the stack meets a return address that he does not know,
 * and through a deep stack pages that he has not read. That is where walkers ask the loader, open
 * pipes, read and write them: in the stack that comes again they do nothing of the kind.
 */
#include <stddef.h>
#include <stdlib.h>

enum { COLD_SITES = 1024 };

/* The comment keeps the optimiser from making one call of two. */
#define COLD_1(n)                             \
	case n:                               \
		block = malloc(size);         \
		__asm__ volatile("/* %0 */" ::"i"(n)); \
		break;
#define COLD_4(n) COLD_1(n) COLD_1((n) + 1) COLD_1((n) + 2) COLD_1((n) + 3)
#define COLD_16(n) COLD_4(n) COLD_4((n) + 4) COLD_4((n) + 8) COLD_4((n) + 12)
#define COLD_64(n) COLD_16(n) COLD_16((n) + 16) COLD_16((n) + 32) COLD_16((n) + 48)
#define COLD_256(n) COLD_64(n) COLD_64((n) + 64) COLD_64((n) + 128) COLD_64((n) + 192)

static __attribute__((noinline)) void *cold_malloc(unsigned place, size_t size)
{
	void *volatile block = NULL;

	switch (place % COLD_SITES) {
		COLD_256(0)
		COLD_256(256)
		COLD_256(512)
		COLD_256(768)
	}
	return block;
}

/* Below `kib` frames of more than a KiB. */
static __attribute__((noinline, unused)) void *cold_malloc_deep(unsigned kib, unsigned place, size_t size)
{
	volatile char room[1024];
	void *block = kib ? cold_malloc_deep(kib - 1, place, size) : cold_malloc(place, size);

	room[0] = room[1023] = 1;
	return block;
}
