/* Reads an ELF file's tables, see run_features.h. Called by cmd_doctor.c. */
#define _GNU_SOURCE
#include "run_features.h"

#include "run_target.h"

#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <unistd.h>

struct named {
	const char *begins; /* a library's name, or a function */
	const char *what;
};

static const struct named sanitizers[] = {{"libasan.", "AddressSanitizer"},
	{"liblsan.", "LeakSanitizer"}, {"libtsan.", "ThreadSanitizer"},
	{"libhwasan.", "HWAddressSanitizer"}, {"libclang_rt.asan", "AddressSanitizer"},
	{"__asan_init", "AddressSanitizer"}, {"__lsan_init", "LeakSanitizer"},
	{"__tsan_init", "ThreadSanitizer"}, {"__msan_init", "MemorySanitizer"},
	{"__hwasan_init", "HWAddressSanitizer"}};

static const struct named allocators[] = {{"libjemalloc.", "jemalloc"}, {"libtcmalloc", "tcmalloc"},
	{"libmimalloc", "mimalloc"}, {"libsnmalloc", "snmalloc"}, {"librpmalloc", "rpmalloc"}};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *look_up(const struct named *all, size_t count, const char *name)
{
	for (size_t i = 0; name && i < count; i++)
		if (strncmp(name, all[i].begins, strlen(all[i].begins)) == 0)
			return all[i].what;
	return NULL;
}

static void read_needed(
	Elf *elf, Elf_Scn *section, const GElf_Shdr *header, struct run_features *ret)
{
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Dyn entry;

	for (int i = 0; data && gelf_getdyn(data, i, &entry) && entry.d_tag != DT_NULL; i++) {
		if (entry.d_tag != DT_NEEDED)
			continue;
		const char *name = elf_strptr(elf, header->sh_link, entry.d_un.d_val);
		if (ret->sanitizer == NULL)
			ret->sanitizer = look_up(sanitizers, COUNT(sanitizers), name);
		if (ret->allocator == NULL)
			ret->allocator = look_up(allocators, COUNT(allocators), name);
	}
}

static void read_symbols(
	Elf *elf, Elf_Scn *section, const GElf_Shdr *header, struct run_features *ret)
{
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Sym symbol;

	for (int i = 0; data && gelf_getsym(data, i, &symbol); i++) {
		const char *name = elf_strptr(elf, header->sh_link, symbol.st_name);
		if (name == NULL)
			continue;
		if (symbol.st_shndx == SHN_UNDEF) {
			ret->calls_dlmopen = ret->calls_dlmopen || strcmp(name, "dlmopen") == 0;
			continue;
		}
		if (ret->sanitizer == NULL && name[0] == '_' && name[1] == '_')
			ret->sanitizer = look_up(sanitizers, COUNT(sanitizers), name);
		if (GELF_ST_BIND(symbol.st_info) != STB_LOCAL && strcmp(name, "malloc") == 0)
			ret->has_malloc = true;
	}
}

static void read_section(Elf *elf, Elf_Scn *section, size_t names, struct run_features *ret)
{
	GElf_Shdr header;

	if (gelf_getshdr(section, &header) == NULL)
		return;
	const char *name = elf_strptr(elf, names, header.sh_name);
	if (name == NULL)
		return;
	if (header.sh_type == SHT_DYNAMIC)
		read_needed(elf, section, &header, ret);
	if (header.sh_type == SHT_DYNSYM || header.sh_type == SHT_SYMTAB)
		read_symbols(elf, section, &header, ret);
	ret->has_symbols = ret->has_symbols || header.sh_type == SHT_SYMTAB;
	ret->has_unwind_table = ret->has_unwind_table || strcmp(name, ".eh_frame") == 0;
	ret->has_lines = ret->has_lines || strcmp(name, ".debug_line") == 0 ||
			 strcmp(name, ".zdebug_line") == 0;
}

bool run_features_read(const char *path, struct run_features *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t names;
	bool read = false;

	*ret = (struct run_features){0};
	if (fd < 0)
		return false;
	elf_version(EV_CURRENT);
	Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
	if (elf && elf_kind(elf) == ELF_K_ELF && elf_getshdrstrndx(elf, &names) == 0) {
		Elf_Scn *section = NULL;
		while ((section = elf_nextscn(elf, section)) != NULL)
			read_section(elf, section, names, ret);
		read = true;
	}
	elf_end(elf);
	close(fd);
	return read;
}

const char *run_features_obstacle(const char *path)
{
	const char *obstacle = run_target_obstacle(path);
	struct run_features features;

	if (obstacle == NULL && run_features_read(path, &features) && features.sanitizer)
		obstacle = "is built with a sanitizer, whose library must come first and replaces "
			   "malloc itself: measure a build without -fsanitize";
	return obstacle;
}
