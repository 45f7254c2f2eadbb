// A conservative collector takes every word of a program's libraries for a pointer, the recorder's included: it
// finds none there. What it can collect, and so how large its heap gets, is as without us. When it collects is
// said here: left alone it waits longer the more memory it has to look through, and has our 2 MiB of tables, too.
// pitfall: P31
// needs: libgc.so
// flags: -lgc
// expect: state=clean
#include <gc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A word that is left over on the stack, or in a register, keeps an object, at some addresses and not at others. */
enum { OBJECTS = 20000, SIZE = 200, STRAY = 20 };

static int finalized;

static void finalize(void *object, void *unused)
{
	finalized += object != NULL && unused == NULL;
}

/* Objects that are garbage at once. Each goes through a block of malloc, which the recorder knows. */
static __attribute__((noinline)) void fill(int depth)
{
	char room[256];

	memset(room, 0, sizeof room);
	if (depth > 0) {
		fill(depth - 1);
		return;
	}
	for (int i = 0; i < OBJECTS; i++) {
		if (i % 1000 == 0) {
			GC_enable();
			GC_gcollect();
			GC_disable();
		}
		void **object = GC_MALLOC(SIZE);
		void **block = malloc(sizeof *block);

		GC_register_finalizer(object, finalize, NULL, NULL, NULL);
		*block = object;
		memset(block, 0, sizeof *block);
		free(block);
	}
}

static __attribute__((noinline)) void clear_stack(void)
{
	volatile char room[65536];

	memset((void *)room, 0, sizeof room);
}

int main(void)
{
	GC_INIT();
	GC_disable();
	fill(20);
	clear_stack();
	GC_enable();
	for (int i = 0; i < 3; i++) {
		GC_gcollect();
		GC_invoke_finalizers();
		clear_stack();
	}
	printf("%s finalized, heap of %zu * 64 KiB, %zu in use\n",
		finalized >= OBJECTS - STRAY ? "all but strays" : "too few", GC_get_heap_size() / 65536,
		(GC_get_heap_size() - GC_get_free_bytes()) / 65536);
	return 0;
}
