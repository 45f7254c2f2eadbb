/*
 * Finds the thread-local storage of modules, see core_tls.h. Called by core_paths.c. libc numbers
 * those that have some in the order in which they are loaded, which is that of the loader's list
 * (struct r_debug); it uses a number again when its module was unloaded: then only the program's
 * own is sure.
 */
#include "core_tls.h"

#include "memory.h"

#include <elf.h>
#include <link.h>
#include <string.h>

#define SEGMENTS_MAX 128u
#define DYNAMIC_MAX 512u
#define MODULES_MAX 4096u
#define RESERVE 1664u /* glibc's default for libraries that come later */

/* Whether all of it is in the core. */
static bool take(const struct core_file *core, uint64_t at, void *ret, size_t size)
{
	return core_file_read(core, at, ret, size) == size;
}

/* The segment of a type among the program headers at an address. */
static bool find_segment(
	const struct core_file *core, uint64_t at, unsigned count, uint32_t type, Elf64_Phdr *ret)
{
	for (unsigned i = 0; i < count && i < SEGMENTS_MAX; i++)
		if (!take(core, at + i * sizeof(*ret), ret, sizeof(*ret)))
			return false;
		else if (ret->p_type == type)
			return true;
	return false;
}

/* The bytes of thread-local variables of a module, with the alignment in `*ret_align`. */
static uint64_t tls_of(
	const struct core_file *core, const struct core_module *module, uint64_t *ret_align)
{
	Elf64_Ehdr header;
	Elf64_Phdr segment;

	if (!take(core, module->start, &header, sizeof(header)) ||
		memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
		!find_segment(
			core, module->start + header.e_phoff, header.e_phnum, PT_TLS, &segment) ||
		segment.p_memsz > 1u << 30 || segment.p_align > 1u << 20)
		return 0;
	*ret_align = segment.p_align;
	return segment.p_memsz;
}

/* The first struct link_map of the loader's list, 0: not found. */
static uint64_t first_module(const struct core_places *places)
{
	const struct core_file *core = places->core;
	Elf64_Phdr dynamic;
	Elf64_Dyn entry;
	struct r_debug debug;

	for (size_t i = 0; i < places->modules->count; i++) {
		const struct core_module *module = &places->modules->all[i];
		Elf64_Ehdr header;
		if (!module->executable || !take(core, module->start, &header, sizeof(header)) ||
			!find_segment(core, module->start + header.e_phoff, header.e_phnum,
				PT_DYNAMIC, &dynamic))
			continue;
		for (unsigned n = 0; n < DYNAMIC_MAX; n++) {
			uint64_t at = module->bias + dynamic.p_vaddr + n * sizeof(entry);
			if (!take(core, at, &entry, sizeof(entry)) || entry.d_tag == DT_NULL)
				break;
			if (entry.d_tag == DT_DEBUG &&
				take(core, entry.d_un.d_ptr, &debug, sizeof(debug)))
				return (uint64_t)debug.r_map;
		}
	}
	return 0;
}

/* The number in the image of the module at an address that is loaded; 0: not met. */
static uint32_t image_number(const struct image_tables *tables, uint64_t address)
{
	for (size_t i = 1; i < tables->module_count; i++)
		if (tables->modules[i].state == MODULE_LOADED &&
			address >= tables->modules[i].start && address < tables->modules[i].end)
			return (uint32_t)i;
	return 0;
}

static bool any_unloaded(const struct image_tables *tables)
{
	for (size_t i = 1; i < tables->module_count; i++)
		if (tables->modules[i].state == MODULE_UNLOADED)
			return true;
	return false;
}

struct tls_module *core_tls_find(
	const struct core_places *places, size_t *ret_count, uint64_t *ret_bytes)
{
	struct tls_module *modules = NULL;
	size_t capacity = 0, count = 0;
	uint64_t at = first_module(places);
	struct link_map map;

	*ret_bytes = RESERVE;
	for (unsigned n = 0; at && n < MODULES_MAX; n++, at = (uint64_t)map.l_next) {
		uint64_t align = 0, bytes;
		if (!take(places->core, at, &map, offsetof(struct link_map, l_prev)))
			break;
		const struct core_module *module =
			core_modules_at(places->modules, (uint64_t)map.l_ld);
		bytes = module ? tls_of(places->core, module, &align) : 0;
		*ret_bytes += bytes + align;
		if (bytes == 0 || (n && any_unloaded(places->tables)))
			continue;
		modules = memory_grow(modules, &capacity, count + 1, sizeof(*modules));
		modules[count++] = (struct tls_module){
			.module = image_number(places->tables, (uint64_t)map.l_ld), .bytes = bytes};
	}
	*ret_count = count;
	return modules;
}
