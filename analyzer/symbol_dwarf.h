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
};

/* The locations of `address` (of the ELF file), innermost first. Strings go to the model. Returns
 * how many were written to *ret (an array for the caller to free), 0 when nothing is known. */
size_t symbol_dwarf_find(struct symbol_dwarf *dwarf, struct model *model, Dwfl_Module *module,
	uint64_t address, struct location **ret);
void symbol_dwarf_free(struct symbol_dwarf *dwarf);

#endif
