/* The programs and libraries that were loaded into the process of a core. */
#ifndef LEAK_CORE_MODULES_H
#define LEAK_CORE_MODULES_H

#include "core_file.h"

struct core_module {
	const char *path;    /* of the core's names, or "[vdso]" */
	uint64_t start, end; /* addresses that belong to it, its zeroed data included */
	uint64_t bias;       /* what its addresses are above those in its file */
	uint8_t build_id[32];
	unsigned build_id_size; /* 0: has none, or the core does not hold it */
	bool executable;        /* the program itself */
};

struct core_modules {
	struct core_module *all; /* by address, not overlapping */
	size_t count, capacity;
};

/* Finds them by the mapped files, and reads their ELF headers where the core has them. */
void core_modules_find(struct core_modules *modules, const struct core_file *core);
void core_modules_free(struct core_modules *modules);

/* The module that an address belongs to, NULL: none. */
const struct core_module *core_modules_at(const struct core_modules *modules, uint64_t address);

#endif
