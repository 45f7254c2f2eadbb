/* Symbol look-up in loaded objects through their hash tables, see elf.h. */
#include <elf.h>
#include <stdbool.h>

#include "preload/elf.h"
#include "preload/text.h"

struct symbol_tables {
	const ElfW(Sym) * symbols;
	const char *strings;
	const uint32_t *gnu_hash;
	const uint32_t *sysv_hash;
	const uint16_t *versions;
	uintptr_t bias;
};

/* glibc relocates l_ld's pointers in place, musl and the vDSO do not. */
static const void *table_at(uintptr_t bias, ElfW(Addr) value)
{
	return (const void *)(value < bias ? bias + value : value);
}

static struct symbol_tables tables_of(uintptr_t bias, const ElfW(Dyn) * dynamic)
{
	struct symbol_tables t = {.bias = bias};

	for (; dynamic->d_tag != DT_NULL; dynamic++) {
		const void *at = table_at(bias, dynamic->d_un.d_ptr);

		switch (dynamic->d_tag) {
		case DT_SYMTAB:
			t.symbols = at;
			break;
		case DT_STRTAB:
			t.strings = at;
			break;
		case DT_GNU_HASH:
			t.gnu_hash = at;
			break;
		case DT_HASH:
			t.sysv_hash = at;
			break;
		case DT_VERSYM:
			t.versions = at;
			break;
		}
	}
	return t;
}

#define VERSION_HIDDEN 0x8000

/* 0: not it; 1: it, in an old version; 2: it. */
static int matches(const struct symbol_tables *t, uint32_t i, const char *name)
{
	const ElfW(Sym) *symbol = &t->symbols[i];
	unsigned type = ELF64_ST_TYPE(symbol->st_info);

	if (symbol->st_shndx == SHN_UNDEF || symbol->st_value == 0)
		return 0;
	if (type != STT_FUNC && type != STT_NOTYPE)
		return 0;
	if (ELF64_ST_BIND(symbol->st_info) == STB_LOCAL)
		return 0;
	if (!text_equal(t->strings + symbol->st_name, name))
		return 0;
	return t->versions && (t->versions[i] & VERSION_HIDDEN) ? 1 : 2;
}

static uint32_t gnu_hash(const char *name)
{
	uint32_t h = 5381;

	for (; *name; name++)
		h = h * 33 + (unsigned char)*name;
	return h;
}

static void *find_gnu(const struct symbol_tables *t, const char *name, bool want_old)
{
	uint32_t buckets = t->gnu_hash[0], first = t->gnu_hash[1], blooms = t->gnu_hash[2];
	const uint32_t *bucket = t->gnu_hash + 4 + blooms * (sizeof(ElfW(Addr)) / 4);
	const uint32_t *chain = bucket + buckets;
	uint32_t hash = gnu_hash(name), i, old = 0;

	if (!buckets || (i = bucket[hash % buckets]) < first || i == 0)
		return NULL;
	for (;; i++) {
		uint32_t h = chain[i - first];

		if ((h | 1) == (hash | 1)) {
			int match = matches(t, i, name);

			if (match == (want_old ? 1 : 2))
				return (void *)(t->bias + t->symbols[i].st_value);
			if (match == 1)
				old = i;
		}
		if (h & 1)
			break;
	}
	return old ? (void *)(t->bias + t->symbols[old].st_value) : NULL;
}

static void *find_sysv(const struct symbol_tables *t, const char *name, bool want_old)
{
	uint32_t count = t->sysv_hash[1], old = 0;

	/* The hash chains save time that nobody needs here: only tiny or foreign objects lack
	 * DT_GNU_HASH. */
	for (uint32_t i = 1; i < count; i++) {
		int match = matches(t, i, name);

		if (match == (want_old ? 1 : 2))
			return (void *)(t->bias + t->symbols[i].st_value);
		if (match == 1)
			old = i;
	}
	return old ? (void *)(t->bias + t->symbols[old].st_value) : NULL;
}

static void *find(uintptr_t bias, const ElfW(Dyn) * dynamic, const char *name, bool want_old)
{
	struct symbol_tables t;

	if (!dynamic)
		return NULL;
	t = tables_of(bias, dynamic);
	if (!t.symbols || !t.strings)
		return NULL;
	if (t.gnu_hash)
		return find_gnu(&t, name, want_old);
	return t.sysv_hash ? find_sysv(&t, name, want_old) : NULL;
}

void *elf_symbol(uintptr_t bias, const ElfW(Dyn) * dynamic, const char *name)
{
	return find(bias, dynamic, name, false);
}

void *elf_old_symbol(uintptr_t bias, const ElfW(Dyn) * dynamic, const char *name)
{
	void *old = find(bias, dynamic, name, true);

	return old ? old : find(bias, dynamic, name, false);
}

void *elf_vdso_symbol(const void *vdso, const char *name)
{
	const ElfW(Ehdr) *header = vdso;
	const ElfW(Phdr) *segment = (const void *)((const char *)vdso + header->e_phoff);
	const ElfW(Dyn) *dynamic = NULL;
	uintptr_t bias = 0;

	for (unsigned i = 0; i < header->e_phnum; i++) {
		if (segment[i].p_type == PT_LOAD && !bias)
			bias = (uintptr_t)vdso + segment[i].p_offset - segment[i].p_vaddr;
		if (segment[i].p_type == PT_DYNAMIC)
			dynamic = (const void *)((const char *)vdso + segment[i].p_offset);
	}
	return elf_symbol(bias, dynamic, name);
}

static const uint8_t *build_id_in(const char *note, size_t size, size_t *ret_size)
{
	while (size >= sizeof(ElfW(Nhdr))) {
		const ElfW(Nhdr) *n = (const void *)note;
		size_t name = ((size_t)n->n_namesz + 3) & ~(size_t)3, all;

		all = sizeof(*n) + name + (((size_t)n->n_descsz + 3) & ~(size_t)3);
		if (all > size)
			break;
		if (n->n_type == NT_GNU_BUILD_ID && n->n_namesz == 4 &&
			text_equal(note + sizeof(*n), "GNU")) {
			*ret_size = n->n_descsz;
			return (const uint8_t *)note + sizeof(*n) + name;
		}
		note += all;
		size -= all;
	}
	return NULL;
}

/* The program headers behind the ELF header at `base`; none where there is no such header, which
 * may be mapped elsewhere. */
static const ElfW(Phdr) * segments_at(const void *base, unsigned *ret_count)
{
	const ElfW(Ehdr) *header = base;

	*ret_count = 0;
	if (__builtin_memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
		header->e_phoff % sizeof(ElfW(Addr)) || header->e_phoff > 4096 ||
		header->e_phnum > (4096 - header->e_phoff) / sizeof(ElfW(Phdr)))
		return NULL;
	*ret_count = header->e_phnum;
	return (const void *)((const char *)base + header->e_phoff);
}

static const ElfW(Phdr) * tls_segment(const void *base)
{
	unsigned count;
	const ElfW(Phdr) *segment = segments_at(base, &count);

	for (unsigned i = 0; i < count; i++) {
		if (segment[i].p_type == PT_TLS)
			return &segment[i];
	}
	return NULL;
}

size_t elf_tls_size(const void *base)
{
	const ElfW(Phdr) *segment = tls_segment(base);

	return segment ? segment->p_memsz + segment->p_align : 0;
}

size_t elf_tls_variables(const void *base)
{
	const ElfW(Phdr) *segment = tls_segment(base);

	return segment ? segment->p_memsz : 0;
}

const uint8_t *elf_build_id(const void *base, uintptr_t bias, size_t *ret_size)
{
	unsigned count;
	const ElfW(Phdr) *segment = segments_at(base, &count);

	for (unsigned i = 0; i < count; i++) {
		const uint8_t *id;

		if (segment[i].p_type != PT_NOTE ||
			(bias + segment[i].p_vaddr) % _Alignof(ElfW(Nhdr)))
			continue;
		id = build_id_in(
			(const char *)(bias + segment[i].p_vaddr), segment[i].p_filesz, ret_size);
		if (id)
			return id;
	}
	return NULL;
}
