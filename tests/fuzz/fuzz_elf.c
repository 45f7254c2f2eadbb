/*
 * What the recorder reads of a loaded object's own header (preload/elf.c): its build-id and its
 * thread-local storage. The input is the first page of it, and notes behind it that the header may
 * point at. Symbol tables are not among this: the loader has used them before.
 */
#include "fuzz.h"

#include "preload/elf.h"

#include <stdlib.h>
#include <string.h>

#define PAGE 4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *object = calloc(1, PAGE);
	size_t id_size = 0;
	ElfW(Ehdr) header;

	if (object == NULL)
		return 0;
	memcpy(object, data, size < PAGE ? size : PAGE);
	memcpy(&header, object, sizeof(header));
	elf_tls_size(object);
	elf_tls_variables(object);
	/* A note segment is what the loader mapped: it is inside the object. Not where the segments'
	 * headers lie in the object's own, which would change with them. */
	if (header.e_phoff < sizeof(header) || header.e_phoff > PAGE)
		header.e_phoff = header.e_phnum = 0;
	for (unsigned i = 0; i < header.e_phnum; i++) {
		ElfW(Phdr) segment;
		size_t at = header.e_phoff + i * sizeof(segment);
		if (at > PAGE - sizeof(segment))
			break;
		memcpy(&segment, object + at, sizeof(segment));
		if (segment.p_type != PT_NOTE)
			continue;
		segment.p_vaddr %= PAGE / 4;
		segment.p_vaddr *= 4;
		segment.p_filesz %= PAGE + 1 - segment.p_vaddr;
		memcpy(object + at, &segment, sizeof(segment));
	}
	const uint8_t *id = header.e_phnum ? elf_build_id(object, (uintptr_t)object, &id_size) : NULL;
	if (id != NULL) {
		size_t at = (size_t)((const char *)id - object);
		PROMISE(at < PAGE && id_size <= PAGE - at);
	}
	free(object);
	return 0;
}
