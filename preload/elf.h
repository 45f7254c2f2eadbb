/*
 * Looking up a symbol in one loaded object by reading its tables, without the loader: no lock, no
 * allocation, no dlerror. So it works in the first event of a process, and in a thread that a
 * library constructor started while the loader's lock is held.
 */
#ifndef LEAK_ELF_H
#define LEAK_ELF_H

#include <link.h>
#include <stddef.h>
#include <stdint.h>

/* The address of the function `name` that the object defines (its default version, or any when it
 * has only old ones), or NULL. `bias` and `dynamic` are link_map's l_addr and l_ld. */
void *elf_symbol(uintptr_t bias, const ElfW(Dyn) * dynamic, const char *name);

/* The same in an old version, which the loader gives to programs that were linked with an earlier
 * library; in the only one where there is none. */
void *elf_old_symbol(uintptr_t bias, const ElfW(Dyn) * dynamic, const char *name);

/* The same for the vDSO, given the address of its ELF header. */
void *elf_vdso_symbol(const void *vdso, const char *name);

/* The GNU build-id note among the program headers that follow the ELF header at `base` (mapped at
 * bias + p_vaddr). Returns its bytes and stores their count, or NULL. */
const uint8_t *elf_build_id(const void *base, uintptr_t bias, size_t *ret_size);

/* Bytes of thread-local storage that the object at `base` takes in each thread, with its alignment;
 * 0 when it has none, or its header is not there. */
size_t elf_tls_size(const void *base);

/* The same without the alignment: how far its variables reach. */
size_t elf_tls_variables(const void *base);

#endif
