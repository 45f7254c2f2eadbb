/*
 * The hooks that release a block of malloc's kin. They look at no stack, so unlike the others they
 * need no frame of their own, and end in the real function.
 */
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

EXPORT void free(void *block)
{
	if (unlikely(!block))
		return;
	if (unlikely(hot.state != HOT_READY))
		return free_unrecorded(block);
	if (likely(ordinary_free(block)))
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
