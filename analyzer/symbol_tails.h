/* Functions that left no frame in a stack, because they ended with a call. */
#ifndef LEAK_SYMBOL_TAILS_H
#define LEAK_SYMBOL_TAILS_H

#include "model.h"
#include "symbol_dwarf.h"
#include "symbol_elf.h"

/* Where the caller's module is described. */
struct tail_source {
	struct symbol_dwarf *dwarf;
	struct symbol_elf *elf;
	Dwfl_Module *module;
};

/* The functions between the call that returns to `address` (of the ELF file) and the function
 * `reached` (as a linker names it), innermost first: those that can be told for certain. Strings go
 * to the model. Returns how many were written to *ret (an array for the caller to free), 0 where
 * nothing is missing, or nothing is known. Their lines are 0, their files those of declarations. */
size_t symbol_tails_find(struct tail_source *source, struct model *model, uint64_t address,
	const char *reached, struct location **ret);

#endif
