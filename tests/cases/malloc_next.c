// The program itself exports malloc and free, which count and call the next ones, found by dlsym: those are ours,
// so every block is recorded, also those that libraries make, with the program's malloc as a frame.
// flags: -rdynamic -ldl
// expect: state=clean not_recorded.unknown_frees=0 not_recorded.missed_frees=0
// expect: site function=malloc frame=keep bytes=70 blocks=1
// expect: site function=malloc bytes=82 blocks=2
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

static void *(*next_malloc)(size_t);
static void (*next_free)(void *);
static int made, freed;

void *malloc(size_t size)
{
	void *block;

	if (!next_malloc)
		*(void **)&next_malloc = dlsym(RTLD_NEXT, "malloc");
	made++;
	block = next_malloc(size);
	return block;
}

void free(void *block)
{
	if (!next_free)
		*(void **)&next_free = dlsym(RTLD_NEXT, "free");
	freed++;
	next_free(block);
}

static __attribute__((noinline)) void *keep(void)
{
	void *volatile block = malloc(70);

	return block;
}

int main(void)
{
	void *volatile block;

	if (!keep() || !strdup("eleven char"))
		return 1;
	block = malloc(500);
	free(block);
	return made < 3 || freed < 1;
}
