/*
 * Resolves frames through libdwfl, each address of each module once. Called by cmd_model.c, for
 * the sites that will be shown. Does not use the network unless the search says so.
 */
#include "symbolize.h"

#include "demangle.h"
#include "memory.h"
#include "symbol_data.h"
#include "symbol_dwarf.h"
#include "symbol_elf.h"
#include "symbol_tails.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct address_key {
	uint64_t address;
	uint64_t module;
};

struct symbol_entry {
	UT_hash_handle hh;
	struct address_key key;
	struct symbol symbol;
};

struct open_module {
	bool tried;
	struct symbol_file file;
	struct symbol_dwarf dwarf;
	struct symbol_elf elf;
	struct symbol_data data;
};

struct tails_key {
	uint64_t address; /* that the call returns to */
	uint64_t module;
	const char *reached;
};

struct tails_entry {
	UT_hash_handle hh;
	struct tails_key key;
	struct symbol tails;
};

struct symbolizer {
	struct model *model;
	const struct symbol_search *search;
	struct symbol_entry *symbols;
	struct tails_entry *tails;
	struct open_module *modules; /* by the model's module number */
	size_t module_count;
};

struct symbolizer *symbolizer_new(struct model *model, const struct symbol_search *search)
{
	struct symbolizer *symbolizer = memory_zero(1, sizeof(*symbolizer));

	/* libdw asks debuginfod whenever this is set; only the user's word may do that. */
	if (!search->debuginfod)
		unsetenv("DEBUGINFOD_URLS");
	symbolizer->model = model;
	symbolizer->search = search;
	symbolizer->module_count = model->module_count;
	symbolizer->modules = memory_zero(model->module_count, sizeof(*symbolizer->modules));
	model->symbolized = true;
	return symbolizer;
}

/* What the symbol table knows: the function, for code without DWARF and for names that DWARF lacks,
 * and the linker's name where that is asked for. */
static void set_elf_name(struct symbolizer *symbolizer, struct location *location,
	struct open_module *open, uint64_t address)
{
	struct model *model = symbolizer->model;
	const char *name;

	if (location->function && !symbolizer->search->linker_names)
		return;
	name = symbol_elf_find(&open->elf, open->file.module, address);
	if (name == NULL)
		return;
	location->symbol = model_string(model, name);
	if (location->function)
		return;
	char *plain = demangle(name);
	location->function = model_string(model, plain);
	free(plain);
}

/* The slot of a module, which may have been loaded into the model meanwhile. */
static struct open_module *open_slot(struct symbolizer *symbolizer, uint32_t number)
{
	size_t count = symbolizer->model->module_count;

	if (number >= symbolizer->module_count) {
		symbolizer->modules =
			memory_resize(symbolizer->modules, count, sizeof(*symbolizer->modules));
		memset(&symbolizer->modules[symbolizer->module_count], 0,
			(count - symbolizer->module_count) * sizeof(*symbolizer->modules));
		symbolizer->module_count = count;
	}
	return &symbolizer->modules[number];
}

/* The module's slot, opened if need be. */
static struct open_module *open_module(struct symbolizer *symbolizer, uint32_t number)
{
	struct module *module = &symbolizer->model->modules[number];
	struct open_module *open = open_slot(symbolizer, number);

	if (!open->tried) {
		open->tried = true;
		symbol_file_open(&open->file, module, symbolizer->search);
		module->symbols =
			open->file.state == SYMBOLS_FOUND ? SYMBOLS_NONE : open->file.state;
	}
	return open;
}

static void resolve(
	struct symbolizer *symbolizer, struct symbol *symbol, uint32_t number, uint64_t address)
{
	struct model *model = symbolizer->model;

	if (number && number < model->module_count) {
		struct module *module = &model->modules[number];
		struct open_module *open = open_module(symbolizer, number);
		if (open->file.module != NULL) {
			symbol->count = symbol_dwarf_find(&open->dwarf, model, open->file.module,
				address, &symbol->locations);
			if (symbol->count == 0) {
				symbol->locations = memory_zero(1, sizeof(*symbol->locations));
				symbol->count = 1;
			}
			struct location *last = &symbol->locations[symbol->count - 1];
			set_elf_name(symbolizer, last, open, address);
			if (last->function && module->symbols == SYMBOLS_NONE)
				module->symbols = SYMBOLS_FOUND;
			return;
		}
	}
	symbol->locations = memory_zero(1, sizeof(*symbol->locations));
	symbol->count = 1;
}

static const struct symbol *find(struct symbolizer *symbolizer, const struct frame *frame)
{
	struct symbol_entry *entry;
	struct address_key key = {.module = frame->module,
		.address = frame->offset - (frame->flags & FRAME_EXACT ? 0 : 1)};

	HASH_FIND(hh, symbolizer->symbols, &key, sizeof(key), entry);
	if (entry == NULL) {
		entry = memory_zero(1, sizeof(*entry));
		entry->key = key;
		resolve(symbolizer, &entry->symbol, frame->module, key.address);
		HASH_ADD(hh, symbolizer->symbols, key, sizeof(key), entry);
	}
	return &entry->symbol;
}

static void find_in_module(
	struct symbolizer *symbolizer, const struct tails_key *key, struct symbol *tails)
{
	struct open_module *open = open_slot(symbolizer, (uint32_t)key->module);
	struct tail_source source = {
		.dwarf = &open->dwarf, .elf = &open->elf, .module = open->file.module};

	if (open->file.module != NULL)
		tails->count = symbol_tails_find(
			&source, symbolizer->model, key->address, key->reached, &tails->locations);
}

/* What left no frame between the call in `caller`, which is resolved, and what was reached. NULL:
 * nothing did, as far as is known. `reached` is the model's. */
static const struct symbol *find_tails(
	struct symbolizer *symbolizer, const struct frame *caller, const char *reached)
{
	struct tails_entry *entry;
	struct tails_key key;

	/* Only the program's own functions are of interest; a signal interrupts, and calls nobody.
	 */
	if (reached == NULL || caller->module == 0 || caller->flags & FRAME_EXACT ||
		!symbolizer->model->modules[caller->module].own)
		return NULL;
	memset(&key, 0, sizeof(key));
	key = (struct tails_key){
		.address = caller->offset, .module = caller->module, .reached = reached};
	HASH_FIND(hh, symbolizer->tails, &key, sizeof(key), entry);
	if (entry == NULL) {
		entry = memory_zero(1, sizeof(*entry));
		entry->key = key;
		find_in_module(symbolizer, &key, &entry->tails);
		HASH_ADD(hh, symbolizer->tails, key, sizeof(key), entry);
	}
	return entry->tails.count ? &entry->tails : NULL;
}

/* The linker's name of the function that a frame is of. Through the loader, which finds functions
 * when they are first called, comes what was called and not what it calls: NULL. */
static const char *reached_by(const struct model *model, const struct frame *frame)
{
	const char *name = model->modules[frame->module].name;
	const struct location *last = &frame->symbol->locations[frame->symbol->count - 1];

	if (strncmp(name, "ld-", 3) == 0 || strncmp(name, "ld.", 3) == 0)
		return NULL;
	return last->symbol ? last->symbol : last->function;
}

void symbolize_stack(struct symbolizer *symbolizer, uint32_t number)
{
	struct model *model = symbolizer->model;

	/* Where one frame is resolved its callers are, too: they were on the same walk. */
	while (number && model->frames[number].symbol == NULL) {
		struct frame *frame = &model->frames[number];
		frame->symbol = find(symbolizer, frame);
		number = frame->parent;
		/* The caller's module is opened with its frame. */
		if (number && model->frames[number].symbol == NULL)
			find(symbolizer, &model->frames[number]);
		if (number)
			frame->tails = find_tails(
				symbolizer, &model->frames[number], reached_by(model, frame));
	}
}

void symbolize_site(struct symbolizer *symbolizer, const struct site *site)
{
	struct model *model = symbolizer->model;

	symbolize_stack(symbolizer, site->frame);
	/* A pool is told of a block by a function of ours, in whatever function that is called. */
	if (site->frame && strcmp(site->allocator_symbol, "custom") != 0)
		model->sites[site - model->sites].tails =
			find_tails(symbolizer, &model->frames[site->frame], site->allocator_symbol);
}

void symbolize_variable(struct symbolizer *symbolizer, struct path_root *root)
{
	bool is_tls = root->kind == KEPT_BY_TLS;
	uint64_t start = 0;

	if (root->module == 0 || root->module >= symbolizer->model->module_count)
		return;
	struct open_module *open = open_module(symbolizer, root->module);
	if (open->file.module == NULL)
		return;
	const char *name =
		symbol_data_find(&open->data, open->file.module, root->offset, is_tls, &start);
	if (name) {
		char *plain = demangle(name);
		root->variable = model_string(symbolizer->model, plain);
		free(plain);
	} else if (!is_tls) {
		name = symbol_data_section(open->file.module, root->offset, &start);
		if (name)
			root->section = model_string(symbolizer->model, name);
	}
	root->variable_offset = root->offset - start;
}

void symbolizer_free(struct symbolizer *symbolizer)
{
	struct symbol_entry *entry, *next;
	struct tails_entry *tails, *next_tails;

	HASH_ITER(hh, symbolizer->symbols, entry, next)
	{
		HASH_DEL(symbolizer->symbols, entry);
		free(entry->symbol.locations);
		free(entry);
	}
	HASH_ITER(hh, symbolizer->tails, tails, next_tails)
	{
		HASH_DEL(symbolizer->tails, tails);
		free(tails->tails.locations);
		free(tails);
	}
	for (size_t i = 0; i < symbolizer->module_count; i++) {
		if (!symbolizer->modules[i].tried)
			continue;
		symbol_dwarf_free(&symbolizer->modules[i].dwarf);
		symbol_elf_free(&symbolizer->modules[i].elf);
		symbol_data_free(&symbolizer->modules[i].data);
		symbol_file_close(&symbolizer->modules[i].file);
	}
	free(symbolizer->modules);
	free(symbolizer);
}
