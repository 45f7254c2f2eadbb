/* The thread-local storage of a core's modules, in the order of libc's numbers for them. */
#ifndef LEAK_CORE_TLS_H
#define LEAK_CORE_TLS_H

#include "core_roots.h"
#include "preload/root_place.h"

/* Lists them, and says in `*ret_bytes` how much there is in each thread. The list is from malloc,
 * and empty where it cannot be known. */
struct tls_module *core_tls_find(
	const struct core_places *places, size_t *ret_count, uint64_t *ret_bytes);

#endif
