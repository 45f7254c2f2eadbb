/*
 * Reads DWARF for an address: the function, the calls inlined at it, and a line for each. Called by
 * symbolize.c. libdw's own look-ups walk a whole unit for each address, so this keeps an index of
 * functions for each unit that occurs. Does not see functions nested in functions: these get their
 * name from the symbol table.
 */
#include "symbol_dwarf.h"

#include "demangle.h"
#include "memory.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define DEPTH_MAX 64 /* of nested namespaces and of inlined calls: hostile DWARF ends */

struct unit_span {
	Dwarf_Addr start, end;
	Dwarf_Off offset; /* of the unit's DIE */
};

struct function_span {
	Dwarf_Addr start, end;
	Dwarf_Die die;
};

struct unit_index {
	UT_hash_handle hh;
	const void *unit;                /* the address of libdw's unit data, which stays */
	struct function_span *functions; /* by start */
	size_t count, capacity;
};

static int compare_functions(const void *a, const void *b)
{
	const struct function_span *one = a, *other = b;

	return one->start < other->start ? -1 : one->start > other->start;
}

static int compare_units(const void *a, const void *b)
{
	const struct unit_span *one = a, *other = b;

	return one->start < other->start ? -1 : one->start > other->start;
}

/* For units that .debug_aranges leaves out (clang, Rust): the ranges in the units themselves. */
static void read_units(struct symbol_dwarf *dwarf, Dwarf *debug)
{
	Dwarf_Off offset = 0, next;
	size_t header_size;

	dwarf->units_read = true;
	while (dwarf_nextcu(debug, offset, &next, &header_size, NULL, NULL, NULL) == 0) {
		Dwarf_Die die;
		Dwarf_Addr base, start, end;
		if (dwarf_offdie(debug, offset + header_size, &die) != NULL) {
			ptrdiff_t range = 0;
			while ((range = dwarf_ranges(&die, range, &base, &start, &end)) > 0) {
				dwarf->units = memory_grow(dwarf->units, &dwarf->unit_capacity,
					dwarf->unit_count + 1, sizeof(*dwarf->units));
				dwarf->units[dwarf->unit_count++] = (struct unit_span){
					.start = start, .end = end, .offset = offset + header_size};
			}
		}
		offset = next;
	}
	if (dwarf->unit_count)
		qsort(dwarf->units, dwarf->unit_count, sizeof(*dwarf->units), compare_units);
}

static bool find_unit(struct symbol_dwarf *dwarf, Dwfl_Module *module, uint64_t address,
	Dwarf_Die *unit, Dwarf_Addr *bias)
{
	Dwarf_Die *quick = dwfl_module_addrdie(module, address, bias);
	size_t low = 0;

	if (quick != NULL) {
		*unit = *quick;
		return true;
	}
	Dwarf *debug = dwfl_module_getdwarf(module, bias);
	if (debug == NULL)
		return false;
	if (!dwarf->units_read)
		read_units(dwarf, debug);
	address -= *bias;
	for (size_t high = dwarf->unit_count; low < high;) {
		size_t middle = (low + high) / 2;
		if (dwarf->units[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && address < dwarf->units[low - 1].end &&
	       dwarf_offdie(debug, dwarf->units[low - 1].offset, unit) != NULL;
}

static void index_functions(struct unit_index *index, Dwarf_Die *parent, unsigned depth)
{
	Dwarf_Die die;

	if (depth > DEPTH_MAX || dwarf_child(parent, &die) != 0)
		return;
	do {
		Dwarf_Addr base, start, end;
		ptrdiff_t range = 0;
		switch (dwarf_tag(&die)) {
		case DW_TAG_subprogram:
			while ((range = dwarf_ranges(&die, range, &base, &start, &end)) > 0) {
				index->functions = memory_grow(index->functions, &index->capacity,
					index->count + 1, sizeof(*index->functions));
				index->functions[index->count++] = (struct function_span){
					.start = start, .end = end, .die = die};
			}
			break;
		case DW_TAG_namespace:
		case DW_TAG_class_type:
		case DW_TAG_structure_type:
		case DW_TAG_union_type:
		case DW_TAG_module:
		case DW_TAG_enumeration_type: /* Rust puts methods of enums there */
			index_functions(index, &die, depth + 1);
			break;
		default:
			break;
		}
	} while (dwarf_siblingof(&die, &die) == 0);
}

static struct unit_index *unit_functions(struct symbol_dwarf *dwarf, Dwarf_Die *unit)
{
	const void *key = unit->addr;
	struct unit_index *index;
	Dwarf_Die split = {0};
	uint8_t type = 0;

	HASH_FIND_PTR(dwarf->functions, &key, index);
	if (index != NULL)
		return index;
	index = memory_zero(1, sizeof(*index));
	index->unit = key;
	/* With -gsplit-dwarf the functions are in another file, which libdw finds. */
	if (dwarf_cu_info(unit->cu, NULL, &type, NULL, &split, NULL, NULL, NULL) == 0 &&
		type == DW_UT_skeleton && split.addr != NULL)
		index_functions(index, &split, 0);
	else
		index_functions(index, unit, 0);
	if (index->count)
		qsort(index->functions, index->count, sizeof(*index->functions), compare_functions);
	HASH_ADD_PTR(dwarf->functions, unit, index);
	return index;
}

static struct function_span *find_function(const struct unit_index *index, uint64_t address)
{
	size_t low = 0;

	for (size_t high = index->count; low < high;) {
		size_t middle = (low + high) / 2;
		if (index->functions[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low && address < index->functions[low - 1].end ? &index->functions[low - 1] : NULL;
}

/* The calls inlined at `address` inside `function`, outermost first. */
static size_t inlined_calls(Dwarf_Die *function, uint64_t address, Dwarf_Die *calls)
{
	Dwarf_Die parent = *function, die;
	size_t count = 0;

	for (unsigned depth = 0; depth < DEPTH_MAX * 4; depth++) {
		bool deeper = false;
		if (dwarf_child(&parent, &die) != 0)
			break;
		do {
			int tag = dwarf_tag(&die);
			if ((tag != DW_TAG_inlined_subroutine && tag != DW_TAG_lexical_block &&
				    tag != DW_TAG_try_block && tag != DW_TAG_catch_block) ||
				dwarf_haspc(&die, address) <= 0)
				continue;
			if (tag == DW_TAG_inlined_subroutine && count < DEPTH_MAX)
				calls[count++] = die;
			deeper = true;
			break;
		} while (dwarf_siblingof(&die, &die) == 0);
		if (!deeper)
			break;
		parent = die;
	}
	return count;
}

const char *symbol_dwarf_name(Dwarf_Die *die)
{
	Dwarf_Attribute attribute;
	const char *name = NULL;

	if (dwarf_attr_integrate(die, DW_AT_linkage_name, &attribute) != NULL ||
		dwarf_attr_integrate(die, DW_AT_MIPS_linkage_name, &attribute) != NULL)
		name = dwarf_formstring(&attribute);
	if (name == NULL && dwarf_attr_integrate(die, DW_AT_name, &attribute) != NULL)
		name = dwarf_formstring(&attribute);
	return name && name[0] ? name : NULL;
}

static void set_function(struct model *model, struct location *location, Dwarf_Die *die)
{
	const char *name = symbol_dwarf_name(die);

	if (name == NULL)
		return;
	char *plain = demangle(name);
	location->symbol = model_string(model, name);
	location->function = model_string(model, plain);
	free(plain);
}

/* Valgrind calls what was inlined as the source does, without its scope, and does not look into
 * other units: those of code that was optimized as a whole. */
static void set_valgrind_name(struct model *model, struct location *location, Dwarf_Die *call)
{
	Dwarf_Attribute attribute;
	Dwarf_Die function;
	const char *name = NULL;

	if (dwarf_attr(call, DW_AT_abstract_origin, &attribute) != NULL &&
		dwarf_formref_die(&attribute, &function) != NULL && function.cu == call->cu &&
		dwarf_attr_integrate(&function, DW_AT_name, &attribute) != NULL)
		name = dwarf_formstring(&attribute);
	location->valgrind = model_string(model, name ? name : "UnknownInlinedFun");
}

/* An absolute path without "/..", as in clang's "/usr/bin/../include", for the caller to free. */
static char *without_parents(const char *file)
{
	char *path = memory_copy(file), *parent;

	while (path[0] == '/' && (parent = strstr(path, "/../")) != NULL) {
		char *start = parent;
		while (start > path && *--start != '/')
			;
		memmove(start, parent + 3, strlen(parent + 3) + 1);
	}
	return path;
}

static void set_file(
	struct model *model, struct location *location, Dwarf_Die *unit, const char *name)
{
	Dwarf_Attribute attribute;
	const char *directory = NULL;

	if (name == NULL || name[0] == '\0')
		return;
	char *whole = without_parents(name), *file = whole;
	if (dwarf_attr(unit, DW_AT_comp_dir, &attribute) != NULL)
		directory = dwarf_formstring(&attribute);
	if (directory != NULL) {
		size_t length = strlen(directory);
		location->directory = model_string(model, directory);
		if (length && strncmp(file, directory, length) == 0 && file[length] == '/')
			file += length + 1;
	}
	if (strncmp(file, "./", 2) == 0)
		file += 2;
	location->file = model_string(model, file);
	free(whole);
}

/* The place that an inlined function was called from: its caller's line. */
static void set_call(struct model *model, struct location *caller, Dwarf_Die *unit, Dwarf_Die *call)
{
	Dwarf_Attribute attribute;
	Dwarf_Word value;
	Dwarf_Files *files;
	size_t count;

	if (dwarf_formudata(dwarf_attr(call, DW_AT_call_line, &attribute), &value) == 0)
		caller->line = (uint32_t)value;
	if (dwarf_formudata(dwarf_attr(call, DW_AT_call_file, &attribute), &value) == 0 &&
		dwarf_getsrcfiles(unit, &files, &count) == 0 && value < count)
		set_file(model, caller, unit, dwarf_filesrc(files, value, NULL, NULL));
}

size_t symbol_dwarf_find(struct symbol_dwarf *dwarf, struct model *model, Dwfl_Module *module,
	uint64_t address, struct location **ret)
{
	Dwarf_Die unit, calls[DEPTH_MAX];
	Dwarf_Addr bias = 0;
	size_t inlined = 0;
	int line_number = 0;

	if (!find_unit(dwarf, module, address, &unit, &bias))
		return 0;
	address -= bias;
	struct function_span *function = find_function(unit_functions(dwarf, &unit), address);
	if (function)
		inlined = inlined_calls(&function->die, address, calls);

	struct location *locations = memory_zero(inlined + 1, sizeof(*locations));
	Dwarf_Line *line = dwarf_getsrc_die(&unit, address);
	if (line != NULL) {
		set_file(model, &locations[0], &unit, dwarf_linesrc(line, NULL, NULL));
		if (dwarf_lineno(line, &line_number) == 0 && line_number > 0)
			locations[0].line = (uint32_t)line_number;
	}
	for (size_t i = 0; i < inlined; i++) {
		Dwarf_Die *call = &calls[inlined - 1 - i];
		set_function(model, &locations[i], call);
		locations[i].inlined = true;
		if (dwarf->valgrind_names)
			set_valgrind_name(model, &locations[i], call);
		set_call(model, &locations[i + 1], &unit, call);
	}
	if (function) {
		set_function(model, &locations[inlined], &function->die);
		locations[inlined].offset = address - function->start;
	}
	*ret = locations;
	return inlined + 1;
}

bool symbol_dwarf_function(
	struct symbol_dwarf *dwarf, Dwfl_Module *module, uint64_t *address, Dwarf_Die *ret)
{
	Dwarf_Die unit;
	Dwarf_Addr bias = 0;

	if (!find_unit(dwarf, module, *address, &unit, &bias))
		return false;
	*address -= bias;
	struct function_span *function = find_function(unit_functions(dwarf, &unit), *address);
	if (function)
		*ret = function->die;
	return function != NULL;
}

/* dwarf_decl_file would do, but for split units it ends the program by an assertion. */
void symbol_dwarf_describe(struct model *model, struct location *location, Dwarf_Die *die)
{
	Dwarf_Attribute attribute;
	Dwarf_Die unit;
	Dwarf_Word value;
	Dwarf_Files *files;
	size_t count;

	set_function(model, location, die);
	if (dwarf_attr_integrate(die, DW_AT_decl_file, &attribute) != NULL &&
		dwarf_formudata(&attribute, &value) == 0 &&
		dwarf_cu_info(attribute.cu, NULL, NULL, &unit, NULL, NULL, NULL, NULL) == 0 &&
		dwarf_getsrcfiles(&unit, &files, &count) == 0 && value < count)
		set_file(model, location, &unit, dwarf_filesrc(files, value, NULL, NULL));
}

void symbol_dwarf_free(struct symbol_dwarf *dwarf)
{
	struct unit_index *index, *next;

	HASH_ITER(hh, dwarf->functions, index, next)
	{
		HASH_DEL(dwarf->functions, index);
		free(index->functions);
		free(index);
	}
	free(dwarf->units);
}
