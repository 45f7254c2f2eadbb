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

struct elf_function {
	uint64_t start, end;  /* end 0: not known */
	const char *name;     /* mangled */
	const char *valgrind; /* that which valgrind takes, of several */
	int rank;             /* of names for the same place: global before weak before local */
};

/* The function at `address` (of the ELF file), from .symtab, .dynsym or .gnu_debugdata, NULL when
 * none covers it. The texts live as long as the module. */
const struct elf_function *symbol_elf_find(
	struct symbol_elf *elf, Dwfl_Module *module, uint64_t address);

/* Where the function of this name begins; false: it is not known. */
bool symbol_elf_address(
	struct symbol_elf *elf, Dwfl_Module *module, const char *name, uint64_t *ret);
void symbol_elf_free(struct symbol_elf *elf);

#endif
