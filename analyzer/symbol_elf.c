/*
 * Names from ELF symbol tables. Called by symbolize.c. libdwfl's own look-up goes through the whole
 * table for each address; this sorts it once. A symbol without a size reaches to the next one.
 */
#include "symbol_elf.h"

#include "memory.h"
#include "symbol_file.h"
#include "valgrind_names.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	const struct elf_function *one = a, *other = b;

	if (one->start != other->start)
		return one->start < other->start ? -1 : 1;
	if ((one->end == 0) != (other->end == 0))
		return one->end == 0 ? 1 : -1;
	if (one->rank != other->rank)
		return one->rank - other->rank;
	return strcmp(one->name, other->name);
}

static void add_symbol(void *context, const char *name, const GElf_Sym *symbol, uint64_t start)
{
	struct symbol_elf *elf = context;
	int type = GELF_ST_TYPE(symbol->st_info), binding = GELF_ST_BIND(symbol->st_info);

	if (type != STT_FUNC && type != STT_GNU_IFUNC && type != STT_NOTYPE)
		return;
	elf->functions = memory_grow(
		elf->functions, &elf->capacity, elf->count + 1, sizeof(*elf->functions));
	elf->functions[elf->count++] = (struct elf_function){.start = start,
		.name = name,
		.valgrind = name,
		.end = symbol->st_size ? start + symbol->st_size : 0,
		.rank = binding == STB_GLOBAL ? 0
			: binding == STB_WEAK ? 1
					      : 2};
}

/* Valgrind cuts the longer one of two functions in one place, and knows none without an end. */
static void take_alias(struct elf_function *function, const struct elf_function *alias)
{
	if (alias->end && alias->end == function->end &&
		valgrind_prefers(alias->name, function->valgrind))
		function->valgrind = alias->name;
}

static void read_symbols(struct symbol_elf *elf, Dwfl_Module *module)
{
	size_t kept = 0;

	symbol_file_each_symbol(module, add_symbol, elf);
	if (elf->count == 0)
		return;
	qsort(elf->functions, elf->count, sizeof(*elf->functions), compare);
	for (size_t i = 0; i < elf->count; i++)
		if (i == 0 || elf->functions[i].start != elf->functions[kept - 1].start)
			elf->functions[kept++] = elf->functions[i];
		else
			take_alias(&elf->functions[kept - 1], &elf->functions[i]);
	elf->count = kept;
}

static void read_once(struct symbol_elf *elf, Dwfl_Module *module)
{
	if (elf->read)
		return;
	elf->read = true;
	read_symbols(elf, module);
}

/* Goes through all: it is asked rarely. */
bool symbol_elf_address(
	struct symbol_elf *elf, Dwfl_Module *module, const char *name, uint64_t *ret)
{
	read_once(elf, module);
	for (size_t i = 0; i < elf->count; i++) {
		if (strcmp(elf->functions[i].name, name) == 0) {
			*ret = elf->functions[i].start;
			return true;
		}
	}
	return false;
}

const struct elf_function *symbol_elf_find(
	struct symbol_elf *elf, Dwfl_Module *module, uint64_t address)
{
	size_t low = 0;

	read_once(elf, module);
	for (size_t high = elf->count; low < high;) {
		size_t middle = (low + high) / 2;
		if (elf->functions[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	/* An alias inside of a function starts later and ends earlier: look back a little. */
	for (unsigned steps = 0; low > 0 && steps < 8; low--, steps++) {
		const struct elf_function *function = &elf->functions[low - 1];
		if (function->end ? address < function->end
				  : steps == 0 && address - function->start < 4096)
			return function;
	}
	return NULL;
}

void symbol_elf_free(struct symbol_elf *elf)
{
	free(elf->functions);
}
