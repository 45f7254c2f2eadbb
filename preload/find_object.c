/*
 * Finding objects, see find_object.h.
 *
 * The loader's list (_r_debug, as debuggers read it) may change while it is read: another thread
 * loads or unloads, and the loader's lock is not ours to take, as its holder may wait for something
 * that the caller has. What is added is complete before it is linked in. What is taken out was
 * unmapped before, and its record is given back to malloc, perhaps to be used for something else.
 * So records and headers are read by process_vm_readv, which fails where nothing is mapped, and an
 * object counts only if it is one: its ELF header is where its record says, and its dynamic section
 * too, and the address lies in one of its segments.
 *
 * Objects of other namespaces (dlmopen) are not in this list.
 */
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <sys/uio.h>

#include "preload/find_object.h"
#include "preload/process.h"
#include "preload/sys.h"

#if FIND_OBJECT_HAS_TABLE

bool find_object(uintptr_t address, struct found_object *ret)
{
	struct dl_find_object found;

	if (_dl_find_object((void *)address, &found) != 0)
		return false;
	*ret = (struct found_object){(uintptr_t)found.dlfo_map_start, (uintptr_t)found.dlfo_map_end,
		found.dlfo_eh_frame, found.dlfo_link_map};
	return true;
}

#else

#define OBJECTS_MAX 100000 /* a list of more has a cycle */
#define SEGMENTS_AT_ONCE 16

extern struct r_debug _r_debug __attribute__((weak));

/* Reads memory that may not be mapped. Where a sandbox forbids that, it is read as any other, but
 * only while the loader says that it changes nothing. */
static bool read_memory(void *to, uintptr_t from, size_t size)
{
	struct iovec here = {to, size}, there = {(void *)from, size};
	long got = arch_syscall6(
		SYS_process_vm_readv, sys_getpid(), (long)&here, 1, (long)&there, 1, 0);

	if (got != -EPERM && got != -ENOSYS)
		return got == (long)size;
	if (__atomic_load_n(&_r_debug.r_state, __ATOMIC_ACQUIRE) != RT_CONSISTENT)
		return false;
	__builtin_memcpy(to, (const void *)from, size);
	return true;
}

/* Where an object's program headers are, and how many. */
struct headers {
	uintptr_t at;
	size_t count;
};

/* The program's own are where the kernel says; a library's behind its ELF header, which its first
 * segment begins with. */
static bool find_headers(const struct link_map *map, struct headers *ret)
{
	ElfW(Ehdr) header;

	if (!map->l_prev) {
		*ret = (struct headers){process.program_headers, process.program_header_count};
		return ret->at != 0;
	}
	if (!read_memory(&header, map->l_addr, sizeof(header)) ||
		__builtin_memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
		header.e_phentsize != sizeof(ElfW(Phdr)))
		return false;
	*ret = (struct headers){map->l_addr + header.e_phoff, header.e_phnum};
	return true;
}

/* Whether the object of this record contains the address, and is one. */
static bool describe(const struct link_map *map, const struct headers *headers, uintptr_t address,
	struct found_object *ret)
{
	ElfW(Phdr) segments[SEGMENTS_AT_ONCE];
	bool contains = false, dynamic = false;

	*ret = (struct found_object){.start = UINTPTR_MAX};
	for (size_t i = 0; i < headers->count; i++) {
		const ElfW(Phdr) *segment = &segments[i % SEGMENTS_AT_ONCE];
		size_t rest = headers->count - i;
		uintptr_t at;

		if (i % SEGMENTS_AT_ONCE == 0 &&
			!read_memory(segments, headers->at + i * sizeof(*segment),
				(rest < SEGMENTS_AT_ONCE ? rest : SEGMENTS_AT_ONCE) *
					sizeof(*segment)))
			return false;
		at = map->l_addr + segment->p_vaddr;
		if (segment->p_type == PT_LOAD) {
			if (at < ret->start)
				ret->start = at & ~(process_page() - 1);
			if (at + segment->p_memsz > ret->end)
				ret->end = at + segment->p_memsz;
			contains |= address - at < segment->p_memsz;
		} else if (segment->p_type == PT_GNU_EH_FRAME) {
			ret->eh_frame_hdr = (const void *)at;
		} else if (segment->p_type == PT_DYNAMIC) {
			dynamic = at == (uintptr_t)map->l_ld;
		}
	}
	return contains && dynamic;
}

bool find_object(uintptr_t address, struct found_object *ret)
{
	uintptr_t at =
		&_r_debug ? (uintptr_t)__atomic_load_n(&_r_debug.r_map, __ATOMIC_ACQUIRE) : 0;
	struct link_map map;
	struct headers headers;

	for (unsigned i = 0; at && i < OBJECTS_MAX; i++, at = (uintptr_t)map.l_next) {
		if (!read_memory(&map, at, sizeof(map)))
			return false;
		if (map.l_addr <= address && find_headers(&map, &headers) &&
			describe(&map, &headers, address, ret)) {
			ret->link_map = (const struct link_map *)at;
			return true;
		}
	}
	return false;
}

#endif
