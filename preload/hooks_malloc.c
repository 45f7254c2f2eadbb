/* The hooks of malloc and its kin. */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include "preload/early.h"
#include "preload/hook.h"
#include "preload/limit.h"
#include "preload/real.h"
#include "preload/ordinary.h"

EXPORT void *malloc(size_t size)
{
	enum way way = enter_to_alloc();
	void *block;

	if (unlikely(way != RECORD))
		return way == EARLY ? early_alloc(size, 16) : real.malloc(size);
	block = real.malloc(size);
	return likely(block != NULL) ? ordinary_alloc(block, size, FAMILY_MALLOC, FRAME)
				     : limit_failed(size);
}

EXPORT void *calloc(size_t count, size_t size)
{
	enum way way = enter_to_alloc();
	size_t total;
	void *block;

	if (unlikely(way == EARLY))
		return __builtin_mul_overflow(count, size, &total) ? NULL : early_alloc(total, 16);
	if (unlikely(way == PASS))
		return real.calloc(count, size);
	block = real.calloc(count, size);
	return likely(block != NULL) ? ordinary_alloc(block, count * size, FAMILY_CALLOC, FRAME)
				     : limit_failed(count * size);
}

/* A block of the early arena cannot be resized by anybody: move it. */
static SLOW void *move_early(void *block, size_t size)
{
	size_t old = early_size(block);
	char *moved = malloc(size);

	for (size_t i = 0; moved && i < old && i < size; i++)
		moved[i] = ((char *)block)[i];
	return moved;
}

static inline void *resize(void *block, size_t size, unsigned family, const void *frame)
{
	enum way way = enter_to_alloc();
	struct live_block old;
	void *moved;

	if (unlikely(way == EARLY || (block && early_owns(block))))
		return block ? move_early(block, size) : early_alloc(size, 16);
	if (unlikely(way == PASS))
		return real.realloc(block, size);
	if (block)
		track_realloc_begin(block, &old);
	moved = real.realloc(block, size);
	if (likely(moved != NULL))
		track_realloc_end(block, &old, moved, size, family, frame);
	else if (block && size == 0)
		track_realloc_freed(block, &old); /* glibc: realloc(p, 0) is free(p) */
	else if (block)
		track_realloc_failed(block, &old);
	if (unlikely(!moved && (size || !block)))
		limit_failed(size);
	return moved;
}

EXPORT void *realloc(void *block, size_t size)
{
	return resize(block, size, FAMILY_REALLOC, FRAME);
}

/* By our own hands: libc's calls realloc, others' do not. */
EXPORT void *reallocarray(void *block, size_t count, size_t size)
{
	size_t total;

	if (unlikely(__builtin_mul_overflow(count, size, &total))) {
		errno = ENOMEM;
		return NULL;
	}
	return resize(block, total, FAMILY_REALLOCARRAY, FRAME);
}

EXPORT void *memalign(size_t align, size_t size)
{
	enum way way = enter_to_alloc();
	void *block;

	if (unlikely(way != RECORD))
		return way == EARLY ? early_alloc(size, align) : real.memalign(align, size);
	block = real.memalign(align, size);
	return likely(block != NULL) ? track_alloc(block, size, FAMILY_MEMALIGN, FRAME)
				     : limit_failed(size);
}

EXPORT void *aligned_alloc(size_t align, size_t size)
{
	enum way way = enter_to_alloc();
	void *block;

	if (unlikely(way != RECORD))
		return way == EARLY ? early_alloc(size, align) : real.aligned_alloc(align, size);
	block = real.aligned_alloc(align, size);
	return likely(block != NULL) ? track_alloc(block, size, FAMILY_ALIGNED_ALLOC, FRAME)
				     : limit_failed(size);
}

EXPORT int posix_memalign(void **ret, size_t align, size_t size)
{
	enum way way = enter_to_alloc();
	int error;

	if (unlikely(way == EARLY)) {
		*ret = early_alloc(size, align);
		return *ret ? 0 : ENOMEM;
	}
	error = real.posix_memalign(ret, align, size);
	if (likely(error == 0 && *ret && way == RECORD))
		track_alloc(*ret, size, FAMILY_POSIX_MEMALIGN, FRAME);
	else if (error == ENOMEM && way == RECORD)
		limit_failed(size);
	return error;
}

EXPORT void *valloc(size_t size)
{
	enum way way = enter_to_alloc();
	void *block;

	if (unlikely(way == EARLY || !real.valloc))
		return memalign(IMAGE_PAGE, size);
	block = real.valloc(size);
	if (unlikely(way != RECORD))
		return block;
	return likely(block != NULL) ? track_alloc(block, size, FAMILY_VALLOC, FRAME)
				     : limit_failed(size);
}

EXPORT void *pvalloc(size_t size)
{
	enum way way = enter_to_alloc();
	void *block;

	if (unlikely(way == EARLY || !real.pvalloc))
		return memalign(IMAGE_PAGE, (size + IMAGE_PAGE - 1) & ~(size_t)(IMAGE_PAGE - 1));
	block = real.pvalloc(size);
	if (unlikely(way != RECORD))
		return block;
	return likely(block != NULL) ? track_alloc(block, size, FAMILY_PVALLOC, FRAME)
				     : limit_failed(size);
}

EXPORT size_t malloc_usable_size(void *block)
{
	enum way way = enter();

	if (unlikely(!block))
		return 0;
	if (unlikely(early_owns(block)))
		return early_size(block);
	return likely(way != EARLY && real.malloc_usable_size) ? real.malloc_usable_size(block) : 0;
}
