/* The hooks of operator new and delete, in all their forms, under their mangled names. */
#include <malloc.h>
#include <stdlib.h>

#include "preload/early.h"
#include "preload/hook.h"
#include "preload/init.h"
#include "preload/modules.h"
#include "preload/real.h"
#include "preload/threads.h"
#include "preload/track.h"

/* The library that provides a C++ function is registered, so that its end is noticed (real_forget).
 */
static SLOW void find_cxx(void *const *place)
{
	struct loaded provider;

	if (!init_relocated())
		return;
	real_resolve_cxx();
	if (*place && hot.state == HOT_READY)
		modules_find((uintptr_t)*place, &provider);
}

/* Was the block that operator new returns just recorded by the malloc that it called? Some put a
 * header of their own before it: then it lies inside. `made` and `made_size`: what was recorded
 * last, perhaps by a signal handler since. */
static inline bool recorded_within(const void *block, const void *made, size_t made_size)
{
	return (uintptr_t)block - (uintptr_t)made <= made_size && made;
}

/* Whoever was interrupted by a handler that comes here is not to believe that nothing was recorded.
 */
static SLOW void *failed(void)
{
	static const char no_block[1];

	tls.last_made = no_block;
	tls.last_size = 0;
	return NULL;
}

/* The next operator new, recorded once: most of them call malloc, which is ours and has recorded
 * the block as this hook's; some (jemalloc, tcmalloc, mimalloc) do not. It may throw or call the
 * program's new handler, so nothing of ours is held. */
#define NEW(symbol, family, parameters, arguments, align)                                          \
	EXPORT void *symbol parameters                                                             \
	{                                                                                          \
		enum way way = enter();                                                            \
		void *block;                                                                       \
                                                                                                   \
		if (unlikely(!real.symbol))                                                        \
			find_cxx((void *const *)&real.symbol);                                     \
		if (unlikely(way == EARLY || !real.symbol))                                        \
			return align <= 16 ? malloc(size) : memalign(align, size);                 \
		if (unlikely(way == PASS))                                                         \
			return real.symbol arguments;                                              \
		tls.last_made = NULL;                                                              \
		block = real.symbol arguments;                                                     \
		if (unlikely(!block))                                                              \
			return failed();                                                           \
		/* In this order: if the block is the one that the note is of, so is its size. */  \
		size_t made_size = tls.last_size;                                                  \
                                                                                                   \
		atomic_signal_fence(memory_order_seq_cst);                                         \
		const void *made = tls.last_made;                                                  \
                                                                                                   \
		if (unlikely(!recorded_within(block, made, made_size)) &&                          \
			!(made && track_recorded_as_new(block, size))) {                           \
			if (clock_note_is_old())                                                   \
				trigger_second();                                                  \
			track_alloc(block, size, family, FRAME);                                   \
			tls.last_made = block;                                                     \
			tls.last_size = size;                                                      \
		} else if (unlikely(made != block || made_size != size))                           \
			track_resize(block, size);                                                 \
		return block;                                                                      \
	}

NEW(_Znwm, FAMILY_NEW, (size_t size), (size), 16)
NEW(_Znam, FAMILY_NEW_ARRAY, (size_t size), (size), 16)
NEW(_ZnwmRKSt9nothrow_t, FAMILY_NEW_NOTHROW, (size_t size, const void *tag), (size, tag), 16)
NEW(_ZnamRKSt9nothrow_t, FAMILY_NEW_ARRAY_NOTHROW, (size_t size, const void *tag), (size, tag), 16)
NEW(_ZnwmSt11align_val_t, FAMILY_NEW_ALIGNED, (size_t size, size_t align), (size, align), align)
NEW(_ZnamSt11align_val_t, FAMILY_NEW_ARRAY_ALIGNED, (size_t size, size_t align), (size, align),
	align)
NEW(_ZnwmSt11align_val_tRKSt9nothrow_t, FAMILY_NEW_ALIGNED_NOTHROW,
	(size_t size, size_t align, const void *tag), (size, align, tag), align)
NEW(_ZnamSt11align_val_tRKSt9nothrow_t, FAMILY_NEW_ARRAY_ALIGNED_NOTHROW,
	(size_t size, size_t align, const void *tag), (size, align, tag), align)

/* The next operator delete: the record goes first. Where it calls free, that finds no record, and
 * knows why. */
#define DELETE(symbol, parameters, arguments)                                                      \
	EXPORT void symbol parameters                                                              \
	{                                                                                          \
		enum way way = enter();                                                            \
                                                                                                   \
		if (!block)                                                                        \
			return;                                                                    \
		if (unlikely(!real.symbol))                                                        \
			find_cxx((void *const *)&real.symbol);                                     \
		if (unlikely(way == EARLY || !real.symbol)) {                                      \
			free(block);                                                               \
			return;                                                                    \
		}                                                                                  \
		if (unlikely(way == PASS)) {                                                       \
			if (!early_owns(block))                                                    \
				real.symbol arguments;                                             \
			return;                                                                    \
		}                                                                                  \
		struct track_deletion before;                                                      \
		bool outermost = track_delete_begin(block, &before);                               \
                                                                                                   \
		if (!early_owns(block))                                                            \
			real.symbol arguments;                                                     \
		if (outermost)                                                                     \
			track_delete_end(block, &before);                                          \
	}

DELETE(_ZdlPv, (void *block), (block))
DELETE(_ZdaPv, (void *block), (block))
DELETE(_ZdlPvm, (void *block, size_t size), (block, size))
DELETE(_ZdaPvm, (void *block, size_t size), (block, size))
DELETE(_ZdlPvRKSt9nothrow_t, (void *block, const void *tag), (block, tag))
DELETE(_ZdaPvRKSt9nothrow_t, (void *block, const void *tag), (block, tag))
DELETE(_ZdlPvSt11align_val_t, (void *block, size_t align), (block, align))
DELETE(_ZdaPvSt11align_val_t, (void *block, size_t align), (block, align))
DELETE(_ZdlPvmSt11align_val_t, (void *block, size_t size, size_t align), (block, size, align))
DELETE(_ZdaPvmSt11align_val_t, (void *block, size_t size, size_t align), (block, size, align))
DELETE(_ZdlPvSt11align_val_tRKSt9nothrow_t, (void *block, size_t align, const void *tag),
	(block, align, tag))
DELETE(_ZdaPvSt11align_val_tRKSt9nothrow_t, (void *block, size_t align, const void *tag),
	(block, align, tag))
