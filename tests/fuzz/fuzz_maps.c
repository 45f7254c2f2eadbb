/*
 * The list of mappings in /proc (preload/maps.c), whose paths are anybody's: the input is the file.
 * It comes in pieces, as from the kernel.
 */
#include "fuzz.h"

#include "preload/sys.h"

static struct input file;

static long read_file(int fd, void *to, size_t size)
{
	(void)fd;
	const uint8_t *bytes = input_bytes(&file, size < 4000 ? size : 4000, &size);
	if (size)
		__builtin_memcpy(to, bytes, size);
	return (long)size;
}

/* The kernel's part of it. */
#define sys_open(path, flags, mode) 3
#define sys_close(fd) (void)(fd)
#define sys_read read_file
#include "preload/maps.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct check_memory memory = {0};
	struct maps maps;

	file = input_of(data, size);
	if (maps_open(&maps, &memory, false)) {
		PROMISE(maps.count > 0);
		const struct map *found = maps_find(&maps, 0x7f0000001000);
		PROMISE(found == NULL || (found->start <= 0x7f0000001000 && found->end > 0x7f0000001000));
	}
	check_memory_release(&memory);
	return 0;
}
