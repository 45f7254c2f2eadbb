/*
 * Reads the program headers of modules' files. Called by cmd_report.c and cmd_outputs.c, before a
 * report that is meant to get its names from somebody else. The files may be anybody's: a few
 * headers are read, and none is believed that the file is too short for. What was loaded from a
 * file that is not here has no segments.
 */
#define _GNU_SOURCE
#include "load_segments.h"

#include "memory.h"
#include "read_at.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADERS_MAX 128u /* program headers that are looked at */
#define NOTES_MAX 4096u  /* bytes of one note segment that are looked at */

struct headers {
	size_t count;
	Elf64_Phdr all[HEADERS_MAX];
};

static bool read_headers(int fd, struct headers *headers)
{
	Elf64_Ehdr header;

	if (read_at(fd, &header, sizeof(header), 0) != sizeof(header) ||
		memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
		header.e_ident[EI_CLASS] != ELFCLASS64 ||
		header.e_phentsize != sizeof(headers->all[0]))
		return false;
	headers->count = header.e_phnum < HEADERS_MAX ? header.e_phnum : HEADERS_MAX;
	size_t size = headers->count * sizeof(headers->all[0]);
	return read_at(fd, headers->all, size, header.e_phoff) == size;
}

/* Whether one of the notes at `at` in the file is this build-id. */
static bool has_build_id(int fd, const Elf64_Phdr *segment, const struct module *module)
{
	unsigned char notes[NOTES_MAX];
	Elf64_Nhdr note;
	size_t size = segment->p_filesz < NOTES_MAX ? segment->p_filesz : NOTES_MAX;

	size = read_at(fd, notes, size, segment->p_offset);
	for (size_t at = 0; at + sizeof(note) <= size;) {
		memcpy(&note, notes + at, sizeof(note));
		size_t name = at + sizeof(note), room = size - name;
		size_t name_size = ((size_t)note.n_namesz + 3) & ~(size_t)3;
		if (name_size > room || note.n_descsz > room - name_size)
			return false;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
			memcmp(notes + name, "GNU", 4) == 0)
			return note.n_descsz == module->build_id_size &&
			       memcmp(notes + name + name_size, module->build_id, note.n_descsz) ==
				       0;
		at = name + name_size + (((size_t)note.n_descsz + 3) & ~(size_t)3);
	}
	return false;
}

/* Without a build-id a file is taken for the one that ran. */
static bool is_the_file(int fd, const struct headers *headers, const struct module *module)
{
	for (size_t i = 0; i < headers->count && module->build_id_size; i++)
		if (headers->all[i].p_type == PT_NOTE && has_build_id(fd, &headers->all[i], module))
			return true;
	return module->build_id_size == 0;
}

static int compare_segments(const void *a, const void *b)
{
	const struct segment *one = a, *other = b;

	return one->address < other->address ? -1 : one->address > other->address;
}

static void keep_code(struct module *module, const struct headers *headers)
{
	module->segments = memory_zero(headers->count, sizeof(*module->segments));
	for (size_t i = 0; i < headers->count; i++) {
		const Elf64_Phdr *header = &headers->all[i];
		if (header->p_type != PT_LOAD || !(header->p_flags & PF_X) ||
			header->p_memsz == 0 || header->p_vaddr + header->p_memsz < header->p_vaddr)
			continue;
		module->segments[module->segment_count++] =
			(struct segment){.address = header->p_vaddr,
				.size = header->p_memsz,
				.offset = header->p_offset};
	}
	if (module->segment_count)
		qsort(module->segments, module->segment_count, sizeof(*module->segments),
			compare_segments);
}

static bool try_path(
	struct module *module, const char *before, const char *between, const char *after)
{
	char *path = memory_join(before, between, after);
	struct headers headers;
	struct stat status;
	/* A name from an image may be that of a pipe or a device, which must not be opened. */
	bool regular = path[0] == '/' && stat(path, &status) == 0 && S_ISREG(status.st_mode);
	int fd = regular ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;

	free(path);
	if (fd < 0)
		return false;
	bool found = read_headers(fd, &headers) && is_the_file(fd, &headers, module);
	if (found)
		keep_code(module, &headers);
	close(fd);
	return found;
}

static void find_segments(struct module *module, const struct symbol_search *search)
{
	char *root = search->sysroot ? realpath(search->sysroot, NULL) : memory_copy("");
	bool found = root && try_path(module, root, module->path, "");

	free(root);
	for (size_t i = 0; !found && i < search->directory_count; i++) {
		char *directory = realpath(search->directories[i], NULL);
		if (directory == NULL)
			continue;
		found = try_path(module, directory, module->path, "") ||
			try_path(module, directory, "/", module->name);
		free(directory);
	}
}

void load_segments(struct model *model, const struct symbol_search *search)
{
	for (size_t i = 1; i < model->module_count; i++)
		if (model->modules[i].segments == NULL)
			find_segments(&model->modules[i], search);
}
