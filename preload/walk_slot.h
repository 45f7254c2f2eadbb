/* Reading the slots of a stack. */
#ifndef LEAK_WALK_SLOT_H
#define LEAK_WALK_SLOT_H

#include <stdbool.h>
#include <stdint.h>

/* On a stack that is not the thread's own (coroutine, alternate signal stack) no end is known. */
#define FRAME_BYTES_MAX (256ull << 20)

static inline uintptr_t walk_load(uintptr_t at)
{
	return *(const uintptr_t *)at;
}

/* A slot that a frame at `sp` may own. */
static inline bool walk_readable(uintptr_t at, uintptr_t sp, uintptr_t high)
{
	return at >= sp && at < high && at - sp < FRAME_BYTES_MAX && at % 8 == 0;
}

#endif
