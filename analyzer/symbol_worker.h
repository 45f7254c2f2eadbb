/*
 * Asks for names without reading a module's files: a child process does that, because the files may
 * be anybody's, and libdw may crash on them, or never come to an end.
 */
#ifndef LEAK_SYMBOL_WORKER_H
#define LEAK_SYMBOL_WORKER_H

#include "symbol_resolve.h"

struct symbol_worker;

/* `search` must outlive it. The child is started by the first question. */
struct symbol_worker *symbol_worker_new(struct model *model, const struct symbol_search *search);

/* Never fails: where the child did not survive a question, the module's `symbols` become
 * SYMBOLS_BROKEN, with the reason, and neither this nor a later question about it has an answer. */
void symbol_worker_ask(struct symbol_worker *worker, const struct symbol_question *question,
	struct symbol_answer *ret);

void symbol_worker_free(struct symbol_worker *worker);

#endif
