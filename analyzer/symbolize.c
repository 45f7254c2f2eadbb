/*
 * Resolves frames through libdwfl, each address of each module once. Called by cmd_model.c, for
 * the sites that will be shown. Does not use the network unless the search says so.
 */
#include "symbolize.h"

#include "demangle.h"
#include "memory.h"
#include "symbol_dwarf.h"
#include "symbol_elf.h"

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
};

struct symbolizer {
	struct model *model;
	const struct symbol_search *search;
	struct symbol_entry *symbols;
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

/* The function by the symbol table, for code without DWARF and for names that DWARF lacks. */
static void set_elf_name(
	struct model *model, struct location *location, struct open_module *open, uint64_t address)
{
	const char *name = symbol_elf_find(&open->elf, open->file.module, address);

	if (name == NULL)
		return;
	char *plain = demangle(name);
	location->symbol = model_string(model, name);
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

static void resolve(
	struct symbolizer *symbolizer, struct symbol *symbol, uint32_t number, uint64_t address)
{
	struct model *model = symbolizer->model;

	if (number && number < model->module_count) {
		struct module *module = &model->modules[number];
		struct open_module *open = open_slot(symbolizer, number);
		if (!open->tried) {
			open->tried = true;
			symbol_file_open(&open->file, module, symbolizer->search);
			module->symbols =
				open->file.state == SYMBOLS_FOUND ? SYMBOLS_NONE : open->file.state;
		}
		if (open->file.module != NULL) {
			symbol->count = symbol_dwarf_find(&open->dwarf, model, open->file.module,
				address, &symbol->locations);
			if (symbol->count == 0) {
				symbol->locations = memory_zero(1, sizeof(*symbol->locations));
				symbol->count = 1;
			}
			struct location *last = &symbol->locations[symbol->count - 1];
			if (last->function == NULL)
				set_elf_name(model, last, open, address);
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

void symbolize_stack(struct symbolizer *symbolizer, uint32_t frame)
{
	struct frame *frames = symbolizer->model->frames;

	/* Where one frame is resolved its callers are, too: they were on the same walk. */
	for (; frame && frames[frame].symbol == NULL; frame = frames[frame].parent)
		frames[frame].symbol = find(symbolizer, &frames[frame]);
}

void symbolize_site(struct symbolizer *symbolizer, const struct site *site)
{
	symbolize_stack(symbolizer, site->frame);
}

void symbolizer_free(struct symbolizer *symbolizer)
{
	struct symbol_entry *entry, *next;

	HASH_ITER(hh, symbolizer->symbols, entry, next)
	{
		HASH_DEL(symbolizer->symbols, entry);
		free(entry->symbol.locations);
		free(entry);
	}
	for (size_t i = 0; i < symbolizer->module_count; i++) {
		if (!symbolizer->modules[i].tried)
			continue;
		symbol_dwarf_free(&symbolizer->modules[i].dwarf);
		symbol_elf_free(&symbolizer->modules[i].elf);
		symbol_file_close(&symbolizer->modules[i].file);
	}
	free(symbolizer->modules);
	free(symbolizer);
}
