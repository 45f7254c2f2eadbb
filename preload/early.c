/* The arena of last resort, see early.h. Plain loops instead of memcpy: the PLT may not work yet.
 */
#include <stdatomic.h>

#include "preload/early.h"
#include "preload/sys.h"

SPARSE char early_arena[EARLY_BYTES] __attribute__((aligned(64)));
static _Atomic size_t arena_used;
static _Atomic uint64_t blocks;

/* Before each block: what was asked for. */
struct early_block {
	size_t size;
	size_t pad;
};

void *early_alloc(size_t size, size_t align)
{
	size_t need, at;

	if (align < sizeof(struct early_block))
		align = sizeof(struct early_block);
	if (size > EARLY_BYTES || align > EARLY_BYTES)
		return NULL;
	need = size + align + sizeof(struct early_block);
	at = atomic_fetch_add_explicit(&arena_used, need, memory_order_relaxed);
	if (at + need > EARLY_BYTES) {
		atomic_fetch_sub_explicit(&arena_used, need, memory_order_relaxed);
		return NULL;
	}
	uintptr_t start = (uintptr_t)early_arena + at + sizeof(struct early_block);

	start = (start + align - 1) & ~(uintptr_t)(align - 1);
	((struct early_block *)start)[-1].size = size;
	atomic_fetch_add_explicit(&blocks, 1, memory_order_relaxed);
	return (void *)start;
}

size_t early_size(const void *block)
{
	return ((const struct early_block *)block)[-1].size;
}

uint64_t early_count(void)
{
	return atomic_load_explicit(&blocks, memory_order_relaxed);
}
