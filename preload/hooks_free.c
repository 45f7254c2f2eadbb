/*
 * The hooks of malloc's kin that make no block: those that release one, and the one that asks for
 * its size, which programs with their own accounting call as often. They look at no stack, so
 * unlike the others they need no frame of their own, and end in the real function.
 */
#include <malloc.h>
#include <stdlib.h>

#include "preload/early.h"
#include "preload/hook.h"
#include "preload/real.h"
#include "preload/ordinary.h"

/* While nothing is recorded, or not yet. */
static SLOW void free_unrecorded(void *block)
{
	enum way way = enter();

	if (way == RECORD)
		free(block);
	else if (way == PASS && !early_owns(block))
		real.free(block);
}

/* Not an ordinary event: a block that is not known, or not like others. */
static __attribute__((noinline)) void free_odd(void *block)
{
	if (track_free(block))
		real.free(block);
}

static SLOW void free_flushing(void *block)
{
	track_flush(tls.self->totals, block);
	real.free(block);
}

EXPORT void free(void *block)
{
	bool flush;

	if (unlikely(!block))
		return;
	if (unlikely(hot.state != HOT_READY))
		return free_unrecorded(block);
	if (unlikely(!ordinary_take(block, &flush)))
		return free_odd(block);
	if (unlikely(flush))
		return free_flushing(block);
	real.free(block);
}

EXPORT void cfree(void *block)
{
	free(block);
}

/* C23. Where libc has them they may do more than free; where it has not, they are free. */
EXPORT void free_sized(void *block, size_t size)
{
	if (likely(enter() != RECORD || !real.free_sized || !block))
		free(block);
	else if (track_free(block))
		real.free_sized(block, size);
}

EXPORT void free_aligned_sized(void *block, size_t align, size_t size)
{
	if (likely(enter() != RECORD || !real.free_aligned_sized || !block))
		free(block);
	else if (track_free(block))
		real.free_aligned_sized(block, align, size);
}

static SLOW size_t usable_size_odd(const void *block)
{
	if (!block)
		return 0;
	if (early_owns(block))
		return early_size(block);
	return enter_quietly() != EARLY && real.malloc_usable_size
		       ? real.malloc_usable_size((void *)block)
		       : 0;
}

/* Whether anything is recorded does not matter, as long as there is a real function. */
EXPORT size_t malloc_usable_size(void *block)
{
	if (unlikely(!block || early_owns(block) || !real.malloc_usable_size))
		return usable_size_odd(block);
	return real.malloc_usable_size(block);
}
