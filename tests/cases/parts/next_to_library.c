/* next_to_library NAME [TRIES]: keeps the only pointer to a block of 99 bytes in a mapping that begins
 * where the library of that name ends, with all that is mapped between them, so that the kernel makes
 * one mapping of it and the library's data if it ever does. Aborts. Where another file is mapped there
 * it executes itself again, for other addresses; ends with status 3 when that did not help. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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
	int tries = argc > 2 ? atoi(argv[2]) : 50;
	char number[16];
	void **memory;

	memory = mmap((void *)end, 4096, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (memory == MAP_FAILED && tries) {
		snprintf(number, sizeof(number), "%d", tries - 1);
		execl("/proc/self/exe", argv[0], argv[1], number, NULL);
	}
	if (end == 0 || memory == MAP_FAILED)
		return 3;
	memory[3] = malloc(99);
	abort();
}
