/*
 * Reads mapped files, see core_bytes.h. Called by core_view.c for tables of virtual functions,
 * which a program that is not position-independent has among its constants. A file is believed when
 * it begins as the core says that it did, with its ELF headers and mostly its build-id.
 */
#define _GNU_SOURCE
#include "core_bytes.h"

#include "memory.h"
#include "read_at.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BEGINNING 1024u /* bytes that are compared: the headers, and behind them notes */

enum { NOT_TRIED = -1, NOT_HERE = -2 };

void core_bytes_open(struct core_bytes *bytes, const struct core_file *core,
	const struct core_modules *modules, const char *sysroot)
{
	*bytes = (struct core_bytes){.core = core,
		.modules = modules,
		.sysroot = sysroot,
		.descriptors = memory_zero(modules->count, sizeof(int))};
	for (size_t i = 0; i < modules->count; i++)
		bytes->descriptors[i] = NOT_TRIED;
}

void core_bytes_close(struct core_bytes *bytes)
{
	for (size_t i = 0; i < bytes->modules->count; i++)
		if (bytes->descriptors[i] >= 0)
			close(bytes->descriptors[i]);
	free(bytes->descriptors);
}

static bool is_the_same(const struct core_file *core, const struct core_module *module, int fd)
{
	unsigned char here[BEGINNING], there[BEGINNING];
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	       core_file_read(core, module->start, there, sizeof(there)) == sizeof(there) &&
	       read_at(fd, here, sizeof(here), 0) == sizeof(here) &&
	       memcmp(here, there, sizeof(here)) == 0;
}

static int open_module(const struct core_bytes *bytes, const struct core_module *module)
{
	char *path = bytes->sysroot ? memory_join(bytes->sysroot, "/", module->path)
				    : memory_copy(module->path);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	free(path);
	if (fd >= 0 && is_the_same(bytes->core, module, fd))
		return fd;
	if (fd >= 0)
		close(fd);
	return NOT_HERE;
}

size_t core_bytes_read(struct core_bytes *bytes, uint64_t address, void *buffer, size_t size)
{
	const struct core_module *module = core_modules_at(bytes->modules, address);
	const struct core_mapping *mapping = core_file_mapping(bytes->core, address);

	if (module == NULL || mapping == NULL || strcmp(module->path, mapping->path) != 0)
		return 0;
	int *descriptor = &bytes->descriptors[module - bytes->modules->all];
	if (*descriptor == NOT_TRIED)
		*descriptor = open_module(bytes, module);
	if (*descriptor < 0 || mapping->offset > INT64_MAX - (address - mapping->start))
		return 0;
	if (size > mapping->end - address)
		size = mapping->end - address;
	return read_at(*descriptor, buffer, size, mapping->offset + (address - mapping->start));
}
