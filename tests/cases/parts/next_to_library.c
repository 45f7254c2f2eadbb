/* next_to_library NAME: keeps the only pointer to a block of 99 bytes in a mapping that begins where the
 * library of that name ends, with all that is mapped between them, so that the kernel makes one mapping
 * of it and the library's data if it ever does. Aborts; ends with status 3 if it could not map that. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Where the last mapping of the file's ends, and the anonymous ones directly behind it. */
static uintptr_t end_of(const char *name)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long start, end, last = 0;
	char line[4096];

	while (maps && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx", &start, &end) != 2)
			continue;
		if (strstr(line, name) || (start == last && !strchr(line, '/')))
			last = end;
	}
	if (maps)
		fclose(maps);
	return last;
}

int main(int argc, char **argv)
{
	uintptr_t end = argc > 1 ? end_of(argv[1]) : 0;
	void **memory;

	memory = mmap((void *)end, 4096, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (end == 0 || memory == MAP_FAILED)
		return 3;
	memory[3] = malloc(99);
	abort();
}
