/* Function names of one module from its symbol tables, by address. */
#ifndef LEAK_SYMBOL_ELF_H
#define LEAK_SYMBOL_ELF_H

#include <elfutils/libdwfl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Cache of one module; make it zero to begin with. */
struct symbol_elf {
	struct elf_function *functions; /* by start */
	size_t count, capacity;
	bool read;
};

/* The mangled name of the function at `address` (of the ELF file), from .symtab, .dynsym or
 * .gnu_debugdata, NULL when none covers it, and where it begins. The text lives as long as the
 * module. */
const char *symbol_elf_find(
	struct symbol_elf *elf, Dwfl_Module *module, uint64_t address, uint64_t *ret_start);

/* Where the function of this name begins; false: it is not known. */
bool symbol_elf_address(
	struct symbol_elf *elf, Dwfl_Module *module, const char *name, uint64_t *ret);
void symbol_elf_free(struct symbol_elf *elf);

#endif
