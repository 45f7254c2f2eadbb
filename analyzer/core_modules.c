/*
 * Finds the modules of a core. Called by load_core.c, for the memory map and for the threads'
 * stacks. A module is a run of mappings of one file that begins at the file's start; the kernel
 * keeps the first page of each in the core (bit 4 of coredump_filter), which has its ELF headers
 * and mostly its build-id. Without that page the module is taken for one that is linked at 0, or,
 * below 4 GiB, for one that lies where it was linked.
 */
#define _GNU_SOURCE
#include "core_modules.h"

#include "memory.h"
#include "text.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#define NOTES_MAX 4096u       /* bytes of one note segment that are looked at */
#define HEADERS_MAX 128u      /* program headers that are looked at */
#define SPAN_MAX (1ull << 46) /* a module that claims more lies */

static uint64_t page_up(uint64_t address)
{
	return (address + 4095) & ~(uint64_t)4095;
}

/* The build-id among the notes of one segment. */
static void read_notes(
	struct core_module *module, const struct core_file *core, uint64_t address, uint64_t size)
{
	unsigned char notes[NOTES_MAX];
	Elf64_Nhdr note;

	size = core_file_read(core, address, notes, size < NOTES_MAX ? size : NOTES_MAX);
	for (size_t at = 0; at + sizeof(note) <= size;) {
		memcpy(&note, notes + at, sizeof(note));
		size_t name = at + sizeof(note), room = size - name;
		size_t name_size = ((size_t)note.n_namesz + 3) & ~(size_t)3;
		if (name_size > room || note.n_descsz > room - name_size)
			return;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
			memcmp(notes + name, "GNU", 4) == 0 && note.n_descsz &&
			note.n_descsz <= sizeof(module->build_id)) {
			memcpy(module->build_id, notes + name + name_size, note.n_descsz);
			module->build_id_size = note.n_descsz;
			return;
		}
		at = name + name_size + (((size_t)note.n_descsz + 3) & ~(size_t)3);
	}
}

/* Reads the ELF header at the start of the module. False when the core has none there. */
static bool read_headers(struct core_module *module, const struct core_file *core)
{
	Elf64_Ehdr header;
	Elf64_Phdr segments[HEADERS_MAX];
	uint64_t end = 0;
	bool loaded = false;

	if (core_file_read(core, module->start, &header, sizeof(header)) != sizeof(header) ||
		memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
		header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_phentsize != sizeof(*segments))
		return false;
	size_t count = header.e_phnum < HEADERS_MAX ? header.e_phnum : HEADERS_MAX;
	if (core_file_read(core, module->start + header.e_phoff, segments,
		    count * sizeof(*segments)) != count * sizeof(*segments))
		return false;
	/* The first page of the file lies at `start`: that tells how far it was moved. */
	for (size_t i = 0; i < count; i++) {
		if (segments[i].p_type != PT_LOAD)
			continue;
		if (!loaded)
			module->bias = module->start - (segments[i].p_vaddr - segments[i].p_offset);
		loaded = true;
		uint64_t behind = module->bias + segments[i].p_vaddr + segments[i].p_memsz;
		if (behind > end)
			end = behind;
	}
	if (!loaded)
		return false;
	if (end > module->end && end - module->start < SPAN_MAX)
		module->end = page_up(end);
	for (size_t i = 0; i < count && module->build_id_size == 0; i++)
		if (segments[i].p_type == PT_NOTE)
			read_notes(module, core, module->bias + segments[i].p_vaddr,
				segments[i].p_memsz);
	return true;
}

/* Whether a file that the core has no header of was loaded as code. */
static bool looks_loaded(const struct core_file *core, const struct core_mapping *first,
	const struct core_mapping *last, bool executable)
{
	if (executable || strstr(text_basename(first->path), ".so"))
		return true;
	for (; first < last; first++) {
		const struct core_segment *segment = core_file_segment(core, first->start);
		if (segment && segment->executable)
			return true;
	}
	return false;
}

static void add(struct core_modules *modules, const struct core_module *module)
{
	modules->all =
		memory_grow(modules->all, &modules->capacity, modules->count + 1, sizeof(*module));
	modules->all[modules->count++] = *module;
}

/* Adds the module of the mappings from `first` on, if it is one. Returns the mapping behind them.
 * The start of a small file may be mapped twice: as its code and as its data. */
static size_t add_file(struct core_modules *modules, const struct core_file *core, size_t first)
{
	const struct core_mapping *mappings = core->mappings;
	struct core_module module = {.path = mappings[first].path,
		.start = mappings[first].start,
		.end = mappings[first].end};
	bool loaded = read_headers(&module, core);
	size_t last = first + 1;

	while (last < core->mapping_count && strcmp(mappings[last].path, module.path) == 0 &&
		(mappings[last].offset > 0 || (loaded && mappings[last].start < module.end)))
		last++;
	if (mappings[last - 1].end > module.end)
		module.end = mappings[last - 1].end;
	module.executable = core->executable && strcmp(core->executable, module.path) == 0;
	if (!loaded) {
		if (!looks_loaded(core, &mappings[first], &mappings[last], module.executable))
			return last;
		module.bias = module.start >> 32 ? module.start : 0;
	}
	add(modules, &module);
	return last;
}

/* The kernel's own library, which is in no file. */
static void add_vdso(struct core_modules *modules, const struct core_file *core)
{
	const struct core_segment *segment = core_file_segment(core, core->vdso);
	struct core_module module = {.path = "[vdso]", .start = core->vdso};

	if (core->vdso == 0 || segment == NULL || core_file_mapping(core, core->vdso))
		return;
	module.end = segment->start + segment->size;
	if (read_headers(&module, core))
		add(modules, &module);
}

static int compare(const void *a, const void *b)
{
	const struct core_module *one = a, *other = b;

	return one->start < other->start ? -1 : one->start > other->start;
}

void core_modules_find(struct core_modules *modules, const struct core_file *core)
{
	*modules = (struct core_modules){0};
	for (size_t i = 0; i < core->mapping_count;)
		i = core->mappings[i].offset == 0 ? add_file(modules, core, i) : i + 1;
	add_vdso(modules, core);
	if (modules->count)
		qsort(modules->all, modules->count, sizeof(*modules->all), compare);
	for (size_t i = 0; i + 1 < modules->count; i++)
		if (modules->all[i].end > modules->all[i + 1].start)
			modules->all[i].end = modules->all[i + 1].start;
}

const struct core_module *core_modules_at(const struct core_modules *modules, uint64_t address)
{
	size_t low = 0, high = modules->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (modules->all[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low && address < modules->all[low - 1].end ? &modules->all[low - 1] : NULL;
}

void core_modules_free(struct core_modules *modules)
{
	free(modules->all);
	*modules = (struct core_modules){0};
}
