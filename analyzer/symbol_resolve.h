/* Questions about a module's addresses, and their answers by its symbol and debug information. */
#ifndef LEAK_SYMBOL_RESOLVE_H
#define LEAK_SYMBOL_RESOLVE_H

#include "model.h"
#include "symbol_file.h"

enum symbol_question_kind {
	SYMBOL_OF_CODE,  /* the function, line and inlined calls of an instruction */
	SYMBOL_OF_TAILS, /* see symbol_tails.h: `address` is what the call returns to */
	SYMBOL_OF_DATA,  /* the variable, or the section */
	SYMBOL_OF_TLS,   /* the thread-local variable; `address` is within the module's storage */
};

struct symbol_question {
	enum symbol_question_kind kind;
	uint32_t module;     /* number in the model */
	uint64_t address;    /* of the ELF file */
	const char *reached; /* of TAILS: the linker's name of what was reached */
};

struct symbol_answer {
	struct location
		*locations; /* of CODE and TAILS, for the caller to free; texts are the model's */
	size_t count;
	const char *variable, *section; /* of DATA and TLS; NULL: not known */
	uint64_t offset;                /* in it */
	enum symbols_state state;       /* of the module, now */
};

struct symbol_resolver;

/* `search` must outlive it. Nothing is opened yet. */
struct symbol_resolver *symbol_resolver_new(
	struct model *model, const struct symbol_search *search);

/* Opens the module when it is first met, and sets its `symbols`. Never fails: what is not known has
 * no locations. */
void symbol_resolve(struct symbol_resolver *resolver, const struct symbol_question *question,
	struct symbol_answer *ret);

void symbol_resolver_free(struct symbol_resolver *resolver);

#endif
