/* Functions, inlined calls and source lines of one module, by address. */
#ifndef LEAK_SYMBOL_DWARF_H
#define LEAK_SYMBOL_DWARF_H

#include "model.h"

#include <elfutils/libdwfl.h>

/* Caches of one module; make it zero to begin with. */
struct symbol_dwarf {
	struct unit_span *units; /* address ranges of compilation units, when read */
	size_t unit_count, unit_capacity;
	bool units_read;
	struct unit_index *functions; /* by unit */
	bool valgrind_names;          /* inlined calls get them; set before the first question */
};

/* The locations of `address` (of the ELF file), innermost first. Strings go to the model. Returns
 * how many were written to *ret (an array for the caller to free), 0 when nothing is known. */
size_t symbol_dwarf_find(struct symbol_dwarf *dwarf, struct model *model, Dwfl_Module *module,
	uint64_t address, struct location **ret);

/* The function whose code is at *address, which becomes an address of the debug information. */
bool symbol_dwarf_function(
	struct symbol_dwarf *dwarf, Dwfl_Module *module, uint64_t *address, Dwarf_Die *ret);

/* The name of a function as the linker has it, or else as the source has it; NULL: none. */
const char *symbol_dwarf_name(Dwarf_Die *die);

/* Its names, and the file that it is declared in. */
void symbol_dwarf_describe(struct model *model, struct location *location, Dwarf_Die *die);

void symbol_dwarf_free(struct symbol_dwarf *dwarf);

#endif
