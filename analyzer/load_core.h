/* What a core file tells besides the recorder's tables. */
#ifndef LEAK_LOAD_CORE_H
#define LEAK_LOAD_CORE_H

#include "error.h"
#include "model.h"
#include "symbol_file.h"

/* Whether `path` is a core file. */
bool load_core_is_core(const char *path);

/* Fills process->core_facts from the core at `path`: how its process ended, its threads, memory map
 * and heaps. `process` is the last of the model when the image was found (see load_image.h); NULL:
 * it was not, and a process is added that is not recorded. Returns 0, or -1 with a sentence in
 * `error` that does not repeat the path; then the model is as it was. */
int load_core(struct model *model, struct process *process, const char *path,
	const struct symbol_search *search, struct error *error);

#endif
