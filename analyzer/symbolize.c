/*
 * Resolves frames, each address of each module once. Called by cmd_model.c, for the sites that will
 * be shown. The files are read by symbol_worker.c's child.
 */
#include "symbolize.h"

#include "memory.h"
#include "symbol_worker.h"

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
	struct symbol_worker *worker;
	struct symbol_entry *symbols;
	struct tails_entry *tails;
};

struct symbolizer *symbolizer_new(struct model *model, const struct symbol_search *search)
{
	struct symbolizer *symbolizer = memory_zero(1, sizeof(*symbolizer));

	symbolizer->model = model;
	symbolizer->worker = symbol_worker_new(model, search);
	model->symbolized = true;
	return symbolizer;
}

static void resolve(
	struct symbolizer *symbolizer, struct symbol *symbol, uint32_t module, uint64_t address)
{
	struct symbol_question question = {
		.kind = SYMBOL_OF_CODE, .module = module, .address = address};
	struct symbol_answer answer = {0};

	if (module && module < symbolizer->model->module_count)
		symbol_worker_ask(symbolizer->worker, &question, &answer);
	symbol->locations =
		answer.count ? answer.locations : memory_zero(1, sizeof(struct location));
	symbol->count = answer.count ? answer.count : 1;
}

static const struct symbol *find_at(
	struct symbolizer *symbolizer, uint32_t module, uint64_t address)
{
	struct symbol_entry *entry;
	struct address_key key = {.module = module, .address = address};

	HASH_FIND(hh, symbolizer->symbols, &key, sizeof(key), entry);
	if (entry == NULL) {
		entry = memory_zero(1, sizeof(*entry));
		entry->key = key;
		resolve(symbolizer, &entry->symbol, module, address);
		HASH_ADD(hh, symbolizer->symbols, key, sizeof(key), entry);
	}
	return &entry->symbol;
}

/* The function itself, within which calls may be inlined. */
static const struct location *function_of(const struct symbol *symbol)
{
	return &symbol->locations[symbol->count - 1];
}

/* Nobody calls what a coroutine returns to at its end, or a signal handler. */
static bool may_be_entered_by_return(const struct model *model, const struct frame *frame)
{
	return frame->parent ? model->frames[frame->parent].flags & FRAME_EXACT
			     : !(frame->flags & FRAME_TRUNCATED);
}

/* By the call, which stands before the return address: that may be another function's already.
 * Where no function is before it, and one begins right there, it was entered by a return. */
static const struct symbol *find(struct symbolizer *symbolizer, const struct frame *frame)
{
	if (frame->flags & FRAME_EXACT)
		return find_at(symbolizer, frame->module, frame->offset);
	const struct symbol *symbol = find_at(symbolizer, frame->module, frame->offset - 1);
	if (function_of(symbol)->function || !may_be_entered_by_return(symbolizer->model, frame))
		return symbol;
	const struct symbol *next = find_at(symbolizer, frame->module, frame->offset);
	return function_of(next)->function && function_of(next)->offset == 0 ? next : symbol;
}

static void find_in_module(
	struct symbolizer *symbolizer, const struct tails_key *key, struct symbol *tails)
{
	struct symbol_question question = {.kind = SYMBOL_OF_TAILS,
		.module = (uint32_t)key->module,
		.address = key->address,
		.reached = key->reached};
	struct symbol_answer answer;

	symbol_worker_ask(symbolizer->worker, &question, &answer);
	tails->locations = answer.locations;
	tails->count = answer.count;
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
	const struct location *last = function_of(frame->symbol);

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
	struct symbol_question question = {
		.kind = root->kind == KEPT_BY_TLS ? SYMBOL_OF_TLS : SYMBOL_OF_DATA,
		.module = root->module,
		.address = root->offset};
	struct symbol_answer answer;

	if (root->module == 0 || root->module >= symbolizer->model->module_count)
		return;
	symbol_worker_ask(symbolizer->worker, &question, &answer);
	root->variable = answer.variable;
	root->section = answer.section;
	root->variable_offset = answer.offset;
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
	symbol_worker_free(symbolizer->worker);
	free(symbolizer);
}
