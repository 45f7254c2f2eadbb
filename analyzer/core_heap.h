/* The heaps of glibc's malloc in a core: how much is in use, free, kept back. */
#ifndef LEAK_CORE_HEAP_H
#define LEAK_CORE_HEAP_H

#include "core_file.h"
#include "core_map.h"
#include "core_modules.h"
#include "model.h"

/* Finds the arenas and the large blocks, walks them, fills in `facts`, and marks them in the map,
 * where anonymous memory becomes heap. Texts go to the model. */
void core_heap_find(struct core_facts *facts, struct model *model, const struct core_file *core,
	const struct core_modules *modules, struct core_map *map);

#endif
