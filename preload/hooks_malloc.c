/* The hooks of malloc and its kin. */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include "preload/early.h"
#include "preload/hook.h"
#include "preload/limit.h"
#include "preload/process.h"
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

/* A block that is not known, or not like others; no block; no recorder. */
static __attribute__((noinline)) void *resize_odd(
	enum way way, void *block, size_t size, unsigned family, const void *frame)
{
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

/* The record that was taken out comes back, unless realloc was a free. */
static SLOW void *resize_failed(uint64_t *slot, uint64_t record, uint64_t old_size, size_t size)
{
	if (size == 0) {
		track_count_free(old_size);
		return NULL;
	}
	__atomic_store_n(slot, record, __ATOMIC_RELEASE);
	return limit_failed(size);
}

EXPORT void *realloc(void *block, size_t size)
{
	enum way way = enter_to_alloc();
	struct thread *self;
	uint64_t *slot, record, old_size;
	void *moved;

	if (unlikely(way != RECORD || !block))
		return resize_odd(way, block, size, FAMILY_REALLOC, FRAME);
	record = ordinary_find(block, &slot, &old_size);
	if (unlikely(!record))
		return resize_odd(way, block, size, FAMILY_REALLOC, FRAME);
	*slot = 0;
	moved = real.realloc(block, size);
	if (unlikely(!moved))
		return resize_failed(slot, record, old_size, size);
	self = tls.ready;
	if (unlikely(!thread_is_ready(self))) {
		track_count_free(old_size);
		return track_alloc(moved, size, FAMILY_REALLOC, FRAME);
	}
	if (unlikely(!ordinary_count_free(self, old_size)))
		track_flush(self->totals, NULL);
	if (moved != block)
		slot = live_ordinary_slot((uintptr_t)moved);
	return ordinary_put(self, slot, moved, size, FAMILY_REALLOC, FRAME);
}

/* By our own hands: libc's calls realloc, others' do not. */
EXPORT void *reallocarray(void *block, size_t count, size_t size)
{
	size_t total;

	if (unlikely(__builtin_mul_overflow(count, size, &total))) {
		errno = ENOMEM;
		return NULL;
	}
	return resize_odd(enter_to_alloc(), block, total, FAMILY_REALLOCARRAY, FRAME);
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
		return memalign(process_page(), size);
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
		return memalign(
			process_page(), (size + process_page() - 1) & ~(process_page() - 1));
	block = real.pvalloc(size);
	if (unlikely(way != RECORD))
		return block;
	return likely(block != NULL) ? track_alloc(block, size, FAMILY_PVALLOC, FRAME)
				     : limit_failed(size);
}
