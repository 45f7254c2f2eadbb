/*
 * Reads names with libdw, in this process: see symbol_resolve.h. Called by symbol_worker.c, mostly
 * in the child that it keeps for it. Does not use the network unless the search says so.
 */
#include "symbol_resolve.h"

#include "demangle.h"
#include "memory.h"
#include "symbol_data.h"
#include "symbol_dwarf.h"
#include "symbol_elf.h"
#include "symbol_tails.h"
#include "valgrind_names.h"

#include <stdlib.h>
#include <string.h>

struct open_module {
	bool tried;
	struct symbol_file file;
	struct symbol_dwarf dwarf;
	struct symbol_elf elf;
	struct symbol_data data;
};

struct symbol_resolver {
	struct model *model;
	const struct symbol_search *search;
	struct open_module *modules; /* by the model's module number */
	size_t module_count;
};

struct symbol_resolver *symbol_resolver_new(struct model *model, const struct symbol_search *search)
{
	struct symbol_resolver *resolver = memory_zero(1, sizeof(*resolver));

	/* libdw asks debuginfod whenever this is set; only the user's word may do that. */
	if (!search->debuginfod)
		unsetenv("DEBUGINFOD_URLS");
	resolver->model = model;
	resolver->search = search;
	resolver->module_count = model->module_count;
	resolver->modules = memory_zero(model->module_count, sizeof(*resolver->modules));
	return resolver;
}

/* What the symbol table knows: the function, for code without DWARF and for names that DWARF lacks,
 * and the linker's name where that is asked for. */
static void set_elf_name(struct symbol_resolver *resolver, struct location *location,
	struct open_module *open, uint64_t address)
{
	struct model *model = resolver->model;
	bool named = resolver->search->linker_names;

	if (location->function && !named)
		return;
	const struct elf_function *found = symbol_elf_find(&open->elf, open->file.module, address);
	if (found == NULL)
		return;
	location->symbol = model_string(model, found->name);
	if (named)
		location->valgrind = model_string(model, valgrind_renamed(found->valgrind));
	if (location->function)
		return;
	location->offset = address - found->start;
	char *plain = demangle(found->name);
	location->function = model_string(model, plain);
	free(plain);
}

/* The slot of a module, which may have been loaded into the model meanwhile. */
static struct open_module *open_slot(struct symbol_resolver *resolver, uint32_t number)
{
	size_t count = resolver->model->module_count;

	if (number >= resolver->module_count) {
		resolver->modules =
			memory_resize(resolver->modules, count, sizeof(*resolver->modules));
		memset(&resolver->modules[resolver->module_count], 0,
			(count - resolver->module_count) * sizeof(*resolver->modules));
		resolver->module_count = count;
	}
	return &resolver->modules[number];
}

/* The module's slot, opened if need be. */
static struct open_module *open_module(struct symbol_resolver *resolver, uint32_t number)
{
	struct module *module = &resolver->model->modules[number];
	struct open_module *open = open_slot(resolver, number);

	if (!open->tried) {
		open->tried = true;
		open->dwarf.valgrind_names = resolver->search->linker_names;
		symbol_file_open(&open->file, module, resolver->search);
		module->symbols =
			open->file.state == SYMBOLS_FOUND ? SYMBOLS_NONE : open->file.state;
	}
	return open;
}

/* The module, opened if need be; NULL when there is no such or it has no file. */
static struct open_module *usable_module(struct symbol_resolver *resolver, uint32_t number)
{
	if (number == 0 || number >= resolver->model->module_count)
		return NULL;
	struct open_module *open = open_module(resolver, number);
	return open->file.module ? open : NULL;
}

static void resolve_address(struct symbol_resolver *resolver,
	const struct symbol_question *question, struct symbol_answer *ret)
{
	struct model *model = resolver->model;
	struct open_module *open = usable_module(resolver, question->module);

	if (open == NULL)
		return;
	ret->count = symbol_dwarf_find(
		&open->dwarf, model, open->file.module, question->address, &ret->locations);
	if (ret->count == 0) {
		ret->locations = memory_zero(1, sizeof(*ret->locations));
		ret->count = 1;
	}
	struct location *last = &ret->locations[ret->count - 1];
	struct module *module = &model->modules[question->module];
	set_elf_name(resolver, last, open, question->address);
	if (last->function && module->symbols == SYMBOLS_NONE)
		module->symbols = SYMBOLS_FOUND;
}

static void resolve_tails(struct symbol_resolver *resolver, const struct symbol_question *question,
	struct symbol_answer *ret)
{
	struct open_module *open = usable_module(resolver, question->module);

	if (open == NULL)
		return;
	struct tail_source source = {
		.dwarf = &open->dwarf, .elf = &open->elf, .module = open->file.module};
	ret->count = symbol_tails_find(
		&source, resolver->model, question->address, question->reached, &ret->locations);
}

static void resolve_variable(struct symbol_resolver *resolver,
	const struct symbol_question *question, struct symbol_answer *ret)
{
	struct open_module *open = usable_module(resolver, question->module);
	bool is_tls = question->kind == SYMBOL_OF_TLS;
	uint64_t start = 0;

	if (open == NULL)
		return;
	const char *name =
		symbol_data_find(&open->data, open->file.module, question->address, is_tls, &start);
	if (name) {
		char *plain = demangle(name);
		ret->variable = model_string(resolver->model, plain);
		free(plain);
	} else if (!is_tls) {
		name = symbol_data_section(open->file.module, question->address, &start);
		if (name)
			ret->section = model_string(resolver->model, name);
	}
	ret->offset = question->address - start;
}

void symbol_resolve(struct symbol_resolver *resolver, const struct symbol_question *question,
	struct symbol_answer *ret)
{
	*ret = (struct symbol_answer){.offset = question->address};
	switch (question->kind) {
	case SYMBOL_OF_CODE:
		resolve_address(resolver, question, ret);
		break;
	case SYMBOL_OF_TAILS:
		resolve_tails(resolver, question, ret);
		break;
	case SYMBOL_OF_DATA:
	case SYMBOL_OF_TLS:
		resolve_variable(resolver, question, ret);
		break;
	}
	if (question->module < resolver->model->module_count)
		ret->state = resolver->model->modules[question->module].symbols;
}

void symbol_resolver_free(struct symbol_resolver *resolver)
{
	for (size_t i = 0; i < resolver->module_count; i++) {
		if (!resolver->modules[i].tried)
			continue;
		symbol_dwarf_free(&resolver->modules[i].dwarf);
		symbol_elf_free(&resolver->modules[i].elf);
		symbol_data_free(&resolver->modules[i].data);
		symbol_file_close(&resolver->modules[i].file);
	}
	free(resolver->modules);
	free(resolver);
}
