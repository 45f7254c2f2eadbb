/*
 * What a core does not hold because it is in a file: bytes of programs and libraries that were
 * mapped and never written to.
 */
#ifndef LEAK_CORE_BYTES_H
#define LEAK_CORE_BYTES_H

#include "core_file.h"
#include "core_modules.h"

struct core_bytes {
	const struct core_file *core;
	const struct core_modules *modules;
	const char *sysroot; /* stands before paths; NULL: none */
	int *descriptors;    /* by module: private */
};

void core_bytes_open(struct core_bytes *bytes, const struct core_file *core,
	const struct core_modules *modules, const char *sysroot);
void core_bytes_close(struct core_bytes *bytes);

/* Reads up to `size` bytes of memory at `address` from the file that was mapped there. Returns how
 * many; 0 when the file is not here, or is another one by now. */
size_t core_bytes_read(struct core_bytes *bytes, uint64_t address, void *buffer, size_t size);

#endif
