// 20,000 random mmap, munmap and mremap, over each other, cut, joined and moved, in 64 MiB: whose every page is at
// the end is what the program keeps count of itself, and which pages there are is what the kernel says.
// pitfall: P52
// timeout: 60
// expect: state=clean not_recorded.dropped_regions=0
// expect: site kind=mmap function=map_1 bytes=5566464
// expect: site kind=mmap function=map_2 bytes=10993664
// expect: site kind=mmap function=map_3 bytes=8790016
// expect: site kind=mmap function=map_4 bytes=8802304
// expect: site kind=mmap function=move allocator=mremap bytes=6643712
// expect: regions.mmap.bytes=40796160
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 4096, PAGES = 16384, ROUNDS = 20000, OWNERS = 5 };

/* The owner of each page, 0: it is not mapped; and which of all mappings it is of, as they were made. */
static unsigned char owners[PAGES];
static int mappings[PAGES], mapping;
static char *arena;
static unsigned seed = 12345;

static unsigned any(unsigned below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

static void fail(const char *what, size_t at)
{
	fprintf(stderr, "%s at page %zu\n", what, at);
	exit(1);
}

/* One function for each owner, so that the report tells them apart. */
#define OWNER(n)                                                                                 \
	static __attribute__((noinline)) void *map_##n(void *place, size_t size)                 \
	{                                                                                        \
		return mmap(place, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0); \
	}
OWNER(1)
OWNER(2)
OWNER(3)
OWNER(4)
static void *(*const maps[])(void *, size_t) = {NULL, map_1, map_2, map_3, map_4};

static void own(size_t at, size_t count, unsigned owner)
{
	memset(owners + at, (int)owner, count);
	mapping++;
	while (count-- > 0)
		mappings[at + count] = mapping;
}

/* A part of one mapping, which mremap wants, as long as asked for or shorter; 0: there is none. */
static size_t whole_part(size_t at, size_t count)
{
	size_t n = 0;

	while (n < count && at + n < PAGES && owners[at + n] && mappings[at + n] == mappings[at])
		n++;
	return n;
}

static __attribute__((noinline)) void move(size_t at, size_t count)
{
	size_t target = any(PAGES - 200), new_count = 1 + any(100);

	/* Nothing can be moved into itself. */
	if (count == 0 || (target < at + count && at < target + new_count))
		return;
	if (mremap(arena + at * PAGE, count * PAGE, new_count * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		    arena + target * PAGE) == MAP_FAILED)
		fail("mremap", at);
	memset(owners + at, 0, count);
	own(target, new_count, OWNERS);
}

static void step(void)
{
	size_t at = any(PAGES - 200), count = 1 + any(150);
	unsigned owner = 1 + any(OWNERS - 1);

	switch (any(4)) {
	case 0:
	case 1:
		if (maps[owner](arena + at * PAGE, count * PAGE) != arena + at * PAGE)
			fail("mmap", at);
		own(at, count, owner);
		break;
	case 2:
		if (munmap(arena + at * PAGE, count * PAGE))
			fail("munmap", at);
		memset(owners + at, 0, count);
		break;
	default:
		move(at, whole_part(at, count));
	}
}

/* Compares with the kernel's map. */
static void check(void)
{
	static char line[512];
	static unsigned char mapped[PAGES];
	FILE *file = fopen("/proc/self/maps", "r");
	unsigned long start, end, low = (unsigned long)arena, high = low + (unsigned long)PAGES * PAGE;

	while (fgets(line, sizeof line, file)) {
		if (sscanf(line, "%lx-%lx", &start, &end) != 2)
			continue;
		for (unsigned long at = start < low ? low : start; at < end && at < high; at += PAGE)
			mapped[(at - low) / PAGE] = 1;
	}
	fclose(file);
	for (size_t i = 0; i < PAGES; i++)
		if (mapped[i] != (owners[i] != 0))
			fail(mapped[i] ? "mapped, and should not be," : "not mapped", i);
}

int main(void)
{
	size_t pages[OWNERS + 1] = {0};

	arena = mmap(NULL, (size_t)PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(arena, (size_t)PAGES * PAGE);
	for (int i = 0; i < ROUNDS; i++)
		step();
	check();
	for (size_t i = 0; i < PAGES; i++)
		pages[owners[i]]++;
	for (int i = 1; i <= OWNERS; i++)
		printf("owner %d: %zu bytes\n", i, pages[i] * PAGE);
	return 0;
}
