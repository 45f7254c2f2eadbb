/* Names of one module's variables from its symbol tables, by address. */
#ifndef LEAK_SYMBOL_DATA_H
#define LEAK_SYMBOL_DATA_H

#include <elfutils/libdwfl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Cache of one module; make it zero to begin with. */
struct symbol_data {
	struct data_object *objects; /* thread-local ones first, then by start */
	size_t count, capacity;
	bool read;
};

/* The mangled name of the variable at `address` (of the ELF file; with `is_tls` in the module's
 * thread-local storage), NULL when none covers it; `*ret_start` gets where it begins. Static ones
 * have names where there is a .symtab. The text lives as long as the module. */
const char *symbol_data_find(struct symbol_data *data, Dwfl_Module *module, uint64_t address,
	bool is_tls, uint64_t *ret_start);

/* The name of the section at `address`, NULL when there is none; `*ret_start` as above. */
const char *symbol_data_section(Dwfl_Module *module, uint64_t address, uint64_t *ret_start);

void symbol_data_free(struct symbol_data *data);

#endif
