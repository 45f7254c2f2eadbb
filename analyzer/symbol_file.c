/*
 * Finds and opens the file that a module was loaded from. Called by symbolize.c, once for each
 * module that occurs in a shown stack. A file in another mount namespace is only found through
 * --sysroot.
 */
#define _GNU_SOURCE
#include "symbol_file.h"

#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *root_of(const struct symbol_search *search)
{
	return search->sysroot ? search->sysroot : "";
}

char *symbol_file_debug_path(const struct symbol_search *search)
{
	char *path = memory_copy(":.debug");

	for (size_t i = 0; i <= search->directory_count; i++) {
		bool last = i == search->directory_count;
		const char *directory = last ? root_of(search) : search->directories[i];
		char *longer;
		if (asprintf(&longer, "%s:%s%s", path, directory, last ? "/usr/lib/debug" : "") < 0)
			continue;
		free(path);
		path = longer;
	}
	return path;
}

static bool same_build_id(const struct module *module, Dwfl_Module *found)
{
	const unsigned char *bits = NULL;
	GElf_Addr address;
	int size = dwfl_module_build_id(found, &bits, &address);

	return size == (int)module->build_id_size && memcmp(bits, module->build_id, size) == 0;
}

/* Without a build-id only the file's time can tell: one written after the start of the run may be
 * another one. */
static bool is_newer(const struct module *module, const struct stat *status)
{
	uint64_t changed =
		(uint64_t)status->st_mtim.tv_sec * 1000000000u + (uint64_t)status->st_mtim.tv_nsec;

	return module->run_start_realtime_ns && changed > module->run_start_realtime_ns;
}

/* Tries one path. Keeps it when it is the right file. */
static bool try_path(struct symbol_file *file, const struct module *module, const char *path)
{
	struct stat status;

	/* A name from an image may be that of a pipe or a device, which must not be opened. */
	if (path[0] != '/' || stat(path, &status) < 0 || !S_ISREG(status.st_mode))
		return false;
	dwfl_report_begin(file->dwfl);
	Dwfl_Module *found = dwfl_report_elf(file->dwfl, module->name, path, -1, 0, true);
	dwfl_report_end(file->dwfl, NULL, NULL);
	if (found == NULL)
		return false;
	if (module->build_id_size && !same_build_id(module, found)) {
		file->state = SYMBOLS_CHANGED;
		return false;
	}
	file->state = module->build_id_size || !is_newer(module, &status) ? SYMBOLS_FOUND
									  : SYMBOLS_UNSURE;
	file->module = found;
	return true;
}

static bool try_format(struct symbol_file *file, const struct module *module, const char *directory,
	const char *middle, const char *name, const char *end)
{
	char *path;
	bool found = false;

	if (asprintf(&path, "%s%s%s%s", directory, middle, name, end) >= 0) {
		found = try_path(file, module, path);
		free(path);
	}
	return found;
}

/* DIR/.build-id/ab/cdef….debug */
static bool try_build_id(struct symbol_file *file, const struct module *module,
	const char *directory, const char *middle)
{
	char name[2 * sizeof(module->build_id) + 2], *out = name;

	if (module->build_id_size < 2)
		return false;
	for (unsigned i = 0; i < module->build_id_size; i++)
		out += sprintf(out, i == 0 ? "%02x/" : "%02x", module->build_id[i]);
	return try_format(file, module, directory, middle, name, ".debug");
}

/* In one of the directories of --symbols. */
static bool try_directory(
	struct symbol_file *file, const struct module *module, const char *directory)
{
	return try_format(file, module, directory, "", module->path, "") ||
	       try_format(file, module, directory, "/", module->name, "") ||
	       try_format(file, module, directory, "/", module->name, ".debug") ||
	       try_build_id(file, module, directory, "/.build-id/");
}

static bool try_all(
	struct symbol_file *file, const struct module *module, const struct symbol_search *search)
{
	bool found = try_format(file, module, root_of(search), "", module->path, "");

	for (size_t i = 0; !found && i < search->directory_count; i++)
		found = try_directory(file, module, search->directories[i]);
	return found || try_build_id(file, module, root_of(search), "/usr/lib/debug/.build-id/");
}

/* Lets libdwfl ask debuginfod for the file itself. */
static bool try_debuginfod(struct symbol_file *file, const struct module *module)
{
	GElf_Addr bias;

	if (module->build_id_size == 0)
		return false;
	dwfl_report_begin(file->dwfl);
	Dwfl_Module *found = dwfl_report_module(file->dwfl, module->name, 0, UINT32_MAX);
	if (found != NULL)
		dwfl_module_report_build_id(found, module->build_id, module->build_id_size, 0);
	dwfl_report_end(file->dwfl, NULL, NULL);
	if (found == NULL || dwfl_module_getelf(found, &bias) == NULL)
		return false;
	file->state = SYMBOLS_FOUND;
	file->module = found;
	return true;
}

void symbol_file_open(
	struct symbol_file *file, const struct module *module, const struct symbol_search *search)
{
	static const Dwfl_Callbacks template = {
		.find_elf = dwfl_build_id_find_elf,
		.find_debuginfo = dwfl_standard_find_debuginfo,
		.section_address = dwfl_offline_section_address,
	};

	*file = (struct symbol_file){.state = SYMBOLS_MISSING};
	file->debug_path = symbol_file_debug_path(search);
	Dwfl_Callbacks *callbacks = memory_zero(1, sizeof(*callbacks) + sizeof(char *));
	*callbacks = template;
	/* libdwfl keeps both pointers: the path's variable lives behind the callbacks. */
	callbacks->debuginfo_path = (char **)(callbacks + 1);
	*callbacks->debuginfo_path = file->debug_path;
	file->callbacks = callbacks;
	file->dwfl = dwfl_begin(callbacks);
	if (file->dwfl == NULL)
		return;
	if (!try_all(file, module, search) && search->debuginfod)
		try_debuginfod(file, module);
}

void symbol_file_close(struct symbol_file *file)
{
	if (file->dwfl != NULL)
		dwfl_end(file->dwfl);
	free(file->callbacks);
	free(file->debug_path);
}

/* What libdwfl has in place of a section that is not loaded. gcc's link-time optimization leaves
 * symbols of debug sections, whose values are no addresses. */
#define NOT_IN_MEMORY ((GElf_Word)-1)

void symbol_file_each_symbol(Dwfl_Module *module,
	void (*visit)(void *context, const char *name, const GElf_Sym *symbol, uint64_t address),
	void *context)
{
	int count = dwfl_module_getsymtab(module);

	for (int i = 0; i < count; i++) {
		GElf_Sym symbol;
		GElf_Addr address;
		GElf_Word section;
		const char *name =
			dwfl_module_getsym_info(module, i, &symbol, &address, &section, NULL, NULL);
		if (name && name[0] && section != SHN_UNDEF && section != NOT_IN_MEMORY)
			visit(context, name, &symbol, address);
	}
}
