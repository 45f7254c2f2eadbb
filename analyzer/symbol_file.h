/*
 * One module's symbol and debug information, found and opened. Looks at the disk (and, only when
 * asked, at debuginfod) for the very file that ran: another build-id is refused.
 */
#ifndef LEAK_SYMBOL_FILE_H
#define LEAK_SYMBOL_FILE_H

#include "model.h"

#include <elfutils/libdwfl.h>

/* Directories by their paths from the root: libdwfl takes another one to be below each module's. */
struct symbol_search {
	const char *sysroot;            /* put before every module's path; NULL: none */
	const char *const *directories; /* more places for files and debug files */
	size_t directory_count;
	bool debuginfod;
	/* location.symbol of functions that DWARF has a name for is the symbol table's, too: DWARF
	 * has none for what is local to a file. And location.valgrind is set. It costs time. */
	bool linker_names;
};

struct symbol_file {
	Dwfl *dwfl;
	Dwfl_Module *module; /* at address 0: addresses are those of the ELF file; NULL: none */
	Dwfl_Callbacks *callbacks; /* libdwfl keeps pointers to these two */
	char *debug_path;
	enum symbols_state state; /* SYMBOLS_FOUND, MISSING, CHANGED or UNSURE */
};

/* Where to look for debug files, as libdwfl wants it told. The caller frees it. */
char *symbol_file_debug_path(const struct symbol_search *search);

/* Finds the file of `module`. What came of it is in file->state; file->module is NULL unless the
 * state is FOUND or UNSURE. Release with symbol_file_close in every case. */
void symbol_file_open(
	struct symbol_file *file, const struct module *module, const struct symbol_search *search);
void symbol_file_close(struct symbol_file *file);

/* Calls `visit` with each symbol of a module that is defined there and has a name, and its address
 * in the module. Names live as long as the module. */
void symbol_file_each_symbol(Dwfl_Module *module,
	void (*visit)(void *context, const char *name, const GElf_Sym *symbol, uint64_t address),
	void *context);

#endif
