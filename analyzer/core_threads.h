/* Where the threads of a core were: their stacks. */
#ifndef LEAK_CORE_THREADS_H
#define LEAK_CORE_THREADS_H

#include "core_file.h"
#include "core_modules.h"
#include "model.h"
#include "symbol_file.h"

/* Fills facts->threads in the order of the core, with frames in the model, and says in
 * facts->stacks_trouble when some could not be unwound. `run_start_realtime_ns` as in model_module.
 * Files are looked for as `search` says, and only those with the right build-id are used. */
void core_threads_read(struct core_facts *facts, struct model *model, const struct core_file *core,
	const struct core_modules *modules, const struct symbol_search *search,
	uint64_t run_start_realtime_ns);

#endif
