/*
 * Finds the tables of a process in its core. Called by image_open.c. The tables are in the core
 * when its filter let shared file mappings pass, or when they had no file. Else, or when that part
 * of the core was cut off, the image file is looked for: where the core says that it was mapped,
 * and beside the core. Of a process that lived on after its core was written the file tells a later
 * moment, which is why the core goes first.
 */
#define _GNU_SOURCE
#include "open_core.h"

#include "core_file.h"
#include "memory.h"
#include "text.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where the tables were in the process, and the file with them. */
struct tables {
	size_t first, last; /* segments; last is behind the end. Equal: not in the core */
	uint64_t held;      /* bytes of them in the core, from their start on */
	char *path;         /* of the file, NULL: none */
	int fd;
	uint64_t memory_from; /* the file is the image up to here; 0: all of it */
};

/* Opens the file if it is an image of the process of the core; else -1. `ret` gets its header. */
static int open_image(const struct core_file *core, const char *path, struct image_header *ret)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
		pread(fd, ret, sizeof(*ret), 0) == sizeof(*ret) && ret->magic == IMAGE_MAGIC &&
		ret->pid == core->pid)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* The directory of the core, with a slash at its end, or "". The caller frees it. */
static char *directory_of(const char *path)
{
	char *directory = memory_copy(path);

	directory[text_basename(path) - path] = '\0';
	return directory;
}

static bool is_image_name(const char *name)
{
	size_t length = strlen(name);

	return length > 5 && strcmp(name + length - 5, ".leak") == 0;
}

/* As far as the header has room for its path. */
static bool is_program(const struct image_header *header, const char *executable)
{
	return executable == NULL || strncmp(header->exe, executable, sizeof(header->exe) - 1) == 0;
}

/* The latest image of that pid and that program beside the core: a core may come without the names
 * of shared mappings. */
static void find_beside(const struct core_file *core, struct tables *tables)
{
	char *directory = directory_of(core->path);
	DIR *entries = opendir(directory[0] ? directory : ".");
	uint64_t found_start = 0;
	struct dirent *entry;

	while (entries && (entry = readdir(entries)) != NULL) {
		struct image_header header;
		if (!is_image_name(entry->d_name))
			continue;
		char *path = memory_join(directory, entry->d_name, "");
		int fd = open_image(core, path, &header);
		if (fd >= 0 && header.start_realtime_ns >= found_start &&
			is_program(&header, core->executable)) {
			if (tables->fd >= 0)
				close(tables->fd);
			free(tables->path);
			tables->fd = fd;
			tables->path = path;
			tables->memory_from = header.memory_from;
			found_start = header.start_realtime_ns;
			continue;
		}
		if (fd >= 0)
			close(fd);
		free(path);
	}
	if (entries)
		closedir(entries);
	free(directory);
}

/* The file that was mapped: where it was, or below the sysroot. */
static void find_mapped(const struct core_file *core, const char *mapped, const char *sysroot,
	struct tables *tables)
{
	struct image_header header;
	char *path = sysroot ? memory_join(sysroot, "/", mapped) : memory_copy(mapped);

	tables->fd = open_image(core, path, &header);
	tables->memory_from = tables->fd >= 0 ? header.memory_from : 0;
	if (tables->fd >= 0)
		tables->path = path;
	else
		free(path);
}

/* Segments that lie behind one another from the one where the tables begin. */
static void take_run(const struct core_file *core, size_t first, struct tables *tables)
{
	const struct core_segment *segments = core->segments;
	bool gap = false;

	tables->first = first;
	for (tables->last = first; tables->last < core->segment_count; tables->last++) {
		const struct core_segment *segment = &segments[tables->last];
		if (tables->last > first &&
			(!segment->writable ||
				segment->start != segment[-1].start + segment[-1].size))
			break;
		tables->held += gap ? 0 : segment->held;
		gap = gap || segment->held < segment->size;
	}
}

static bool begins_image(const struct core_file *core, uint64_t address)
{
	uint64_t magic;

	return core_file_read(core, address, &magic, sizeof(magic)) == sizeof(magic) &&
	       magic == IMAGE_MAGIC;
}

/* Finds the mapping of the tables: by its contents, or by the file that was mapped there. */
static void find_tables(const struct core_file *core, const char *sysroot, struct tables *tables)
{
	for (size_t i = 0; i < core->segment_count && tables->first == tables->last; i++) {
		const struct core_segment *segment = &core->segments[i];
		const struct core_mapping *mapping = core_file_mapping(core, segment->start);
		bool begins = segment->writable && begins_image(core, segment->start);
		if (segment->writable && mapping && mapping->start == segment->start &&
			mapping->offset == 0)
			find_mapped(core, mapping->path, sysroot, tables);
		if (begins || tables->fd >= 0)
			take_run(core, i, tables);
	}
	/* gcore has no segment of what its filter leaves out. */
	for (size_t i = 0; i < core->mapping_count && tables->first == tables->last; i++) {
		const struct core_mapping *mapping = &core->mappings[i];
		if (tables->fd < 0 && mapping->offset == 0 && is_image_name(mapping->path))
			find_mapped(core, mapping->path, sysroot, tables);
	}
	if (tables->fd < 0)
		find_beside(core, tables);
}

static bool is_complete(const struct core_file *core, const struct tables *tables)
{
	struct image_header header;

	return tables->held >= sizeof(header) &&
	       core_file_read(core, core->segments[tables->first].start, &header, sizeof(header)) ==
		       sizeof(header) &&
	       tables->held >= header.used_bytes;
}

/* As far as the file is the image; the core may have what was in memory only. */
static void add_file(struct image_file *image, struct tables *tables)
{
	struct stat status;
	uint64_t size = fstat(tables->fd, &status) == 0 ? (uint64_t)status.st_size : 0;

	if (tables->memory_from && size > tables->memory_from)
		size = tables->memory_from;
	image_source_add(&image->source, 0, size, 0, tables->fd);
	image->path = tables->path;
	tables->path = NULL;
	tables->fd = -1;
}

static void add_segments(
	struct image_file *image, const struct core_file *core, const struct tables *tables)
{
	uint64_t base = core->segments[tables->first].start;
	int fd = fcntl(core->fd, F_DUPFD_CLOEXEC, 0);

	for (size_t i = tables->first; fd >= 0 && i < tables->last; i++)
		image_source_add(&image->source, core->segments[i].start - base,
			core->segments[i].held, core->segments[i].at, fd);
}

/* The core knows how the process ended, where the image does not. */
static void take_end(struct image_file *image, const struct core_file *core)
{
	if (core->signal == 0)
		return;
	image->header.state = IMAGE_CRASHED;
	image->header.signal = core->signal;
	image->header.fault_address = core->fault_address;
	image->fault_known = core->has_fault_address;
}

static int take_tables(struct image_file *image, const struct core_file *core,
	struct tables *tables, struct error *error)
{
	if (tables->fd >= 0 && !is_complete(core, tables)) {
		add_file(image, tables);
		image->is_later = core->signal == 0;
	}
	if (tables->first < tables->last) {
		add_segments(image, core, tables);
		image->address = core->segments[tables->first].start;
	}
	if (image->source.count == 0)
		return error_set(error,
			"neither the core nor a file beside it has libleak's tables: its process "
			"was not recorded, or the core was written without them (core=0) and the "
			"image was removed; run it with `leak run -- CMD` next time");
	if (image->path == NULL)
		image->path = memory_copy(core->path);
	if (image_check(image, error) < 0)
		return -1;
	take_end(image, core);
	return 0;
}

int open_core(struct image_file *image, const char *path, const char *sysroot, struct error *error)
{
	struct tables tables = {.fd = -1};
	struct core_file core;
	int result = core_file_open(&core, path, error);

	image->origin = ORIGIN_CORE;
	if (result == 0) {
		find_tables(&core, sysroot, &tables);
		result = take_tables(image, &core, &tables, error);
	}
	if (tables.fd >= 0)
		close(tables.fd);
	free(tables.path);
	core_file_close(&core);
	return result;
}
