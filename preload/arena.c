/*
 * A lock-free bump allocator over anonymous memory, see arena.h. A forked child has a copy of it,
 * which it forgets: only an event that was interrupted by the handler that forked may still write
 * there.
 */
#include <stdatomic.h>

#include "preload/arena.h"
#include "preload/faults.h"
#include "preload/own.h"
#include "preload/sys.h"

#define BLOCK_BYTES FIRST_SIZE(1024 * 1024, 16 * 1024)

/* From here on a table may have huge pages: a fault for each, and its look-ups miss no translation.
 * Kernels since 6.7 align memory of this size for them. */
#define HUGE_PAGE (2ul << 20)
#define HUGE_LEAST (512ul << 10)

/* At the start of each block. */
struct arena_block {
	_Atomic size_t used;
};

static struct arena_block *_Atomic current;

/* Larger ones have memory of their own. */
static bool is_large(size_t size)
{
	return size > BLOCK_BYTES / 4;
}

void *arena_alloc(size_t size)
{
	size = (size + 63) & ~(size_t)63;
	if (is_large(size))
		return own_memory((size + 4095) & ~(size_t)4095);
	for (;;) {
		struct arena_block *block = atomic_load_explicit(&current, memory_order_acquire);

		if (block) {
			size_t at =
				atomic_fetch_add_explicit(&block->used, size, memory_order_relaxed);

			if (at + size <= BLOCK_BYTES)
				return (char *)block + at;
		}
		struct arena_block *fresh = own_memory(BLOCK_BYTES);

		if (!fresh)
			return NULL;
		atomic_store_explicit(&fresh->used, 64, memory_order_relaxed);
		/* A loser's block is address space only: none of its pages but one was touched. */
		if (!atomic_compare_exchange_strong(&current, &block, fresh))
			own_release(fresh, BLOCK_BYTES);
	}
}

void *arena_alloc_dense(size_t size)
{
	void *block;

	/* Small ones do without: a system call that comes as late as a table grows might be one
	 * that a sandbox kills for. */
	if (!is_large(size))
		return arena_alloc(size);
	block = own_memory(size < HUGE_LEAST ? (size + 4095) & ~(size_t)4095
					     : (size + HUGE_PAGE - 1) & ~(size_t)(HUGE_PAGE - 1));
	if (block && size >= HUGE_LEAST && (uintptr_t)block % HUGE_PAGE == 0)
		sys_madvise(block, size, MADV_HUGEPAGE);
	/* If it fails, its pages come one by one. */
	if (block)
		sys_madvise(block, (size + 4095) & ~(size_t)4095, MADV_POPULATE_WRITE);
	return block;
}

void arena_forget(void)
{
	atomic_store(&current, NULL);
}
