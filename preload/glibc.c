/*
 * Recognising glibc's structures, see glibc.h. Offsets are those of glibc 2.26 to 2.40 on 64-bit
 * (malloc/malloc.c struct malloc_state, malloc/arena.c heap_info, nptl/descr.h, sysdeps/.../nptl/
 * tls.h); each use checks more than the one word it needs. Pages are at least of this size.
 */
#include <stddef.h>

#include "preload/glibc.h"

#define PAGE 4096u
#define DATA_MAX (1u << 20) /* libc has 20 KiB */

/* struct malloc_state: the first bin's links are at 0x70, read as those of a chunk that begins 16
 * bytes before them. An empty bin holds that address twice. */
#define STATE_TOP 0x60u
#define STATE_BINS 0x70u
#define STATE_BIN_COUNT 127u
#define STATE_NEXT 0x870u
#define STATE_BYTES 0x898u

/* The word at a multiple of 8; 0 when it cannot be read. */
static uint64_t word(const struct reach_view *view, uint64_t at)
{
	uint64_t size = 8, ret = 0;
	const void *bytes = view->read(view->context, at, &size);

	if (bytes && size >= 8)
		__builtin_memcpy(&ret, bytes, 8);
	return ret;
}

static bool is_empty_bin(const struct reach_view *view, uint64_t at)
{
	return word(view, at) == at - 16 && word(view, at + 8) == at - 16;
}

/* An arena's `next` is itself when there is only one, else another one in a heap's first page. */
static bool is_arena(const struct reach_view *view, uint64_t state)
{
	uint64_t next = word(view, state + STATE_NEXT);

	return next == state ||
	       (next % GLIBC_HEAP_MAX < PAGE && next % GLIBC_HEAP_MAX >= 0x20 && next);
}

bool glibc_find_main_arena(const struct reach_view *view, uint64_t start, uint64_t end,
	struct range *ret, uint64_t *ret_top)
{
	if (end - start > DATA_MAX)
		end = start + DATA_MAX;
	for (uint64_t at = start; at < end; at += 8) {
		if (!is_empty_bin(view, at))
			continue;
		/* Which bin is it? */
		for (uint64_t bin = 0; bin < STATE_BIN_COUNT; bin++) {
			uint64_t before = STATE_BINS + 16 * bin, state = at - before;

			if (before > at - start)
				break;
			if (end - state < STATE_BYTES || !is_arena(view, state))
				continue;
			*ret = (struct range){state, state + STATE_BYTES};
			*ret_top = word(view, state + STATE_TOP);
			return true;
		}
	}
	return false;
}

/* struct heap_info: ar_ptr, prev, size, mprotect_size. The first heap of an arena has the arena
 * right behind it. */
bool glibc_is_heap(const struct reach_view *view, uint64_t start, uint64_t end, struct range *ret)
{
	uint64_t arena, before, size, open;

	if (start % GLIBC_HEAP_MAX || end - start < PAGE)
		return false;
	/* A reservation of many terabytes is asked about at two million places. */
	arena = word(view, start);
	if (arena % GLIBC_HEAP_MAX >= PAGE || arena % GLIBC_HEAP_MAX < 0x20)
		return false;
	before = word(view, start + 8);
	size = word(view, start + 16);
	open = word(view, start + 24);
	if (before % GLIBC_HEAP_MAX || size % PAGE || size == 0 || open < size ||
		open > GLIBC_HEAP_MAX || (before == 0 && arena - arena % GLIBC_HEAP_MAX != start))
		return false;
	*ret = (struct range){start, start + open < end ? start + open : end};
	return true;
}

uint64_t glibc_heap_lists_end(const struct reach_view *view, uint64_t start)
{
	uint64_t arena = word(view, start);

	return arena - start < PAGE ? arena + STATE_BYTES : start;
}

/* ---- threads ---- */

/*
 * Where a thread's control block (struct pthread) is, from the thread pointer. On x86-64 it begins
 * there, and thread-local storage ends there (TLS variant II). On AArch64 it ends there; what
 * begins is tcbhead_t, two words of which the first is the dtv, and behind that thread-local
 * storage (variant I; sysdeps/aarch64/nptl/tls.h).
 */
struct glibc_layout {
	uint32_t before,
		behind;      /* bytes of both kinds of block around the thread pointer, at most */
	bool storage_behind; /* thread-local storage is at higher addresses */
	uint32_t dtv;        /* of its pointer, from the thread pointer */
	uint32_t tid;        /* of the thread's number, in struct pthread */
	uint32_t stack_end_least,
		stack_end_most; /* of a stack of libc's, from the thread pointer */
};

#define PTHREAD_BYTES 0x900u /* 2.36 has 0x900 on x86-64, 0x740 on AArch64 */
#define PTHREAD_LEAST 0x500u
#define PTHREAD_LIST 0xc0u /* AArch64: its place in the list of stacks */
#define EM_AARCH64_NUMBER 183u

static const struct glibc_layout x86_64 = {.behind = PTHREAD_BYTES,
	.dtv = 8,
	.tid = 0x2d0,
	.stack_end_least = PTHREAD_BYTES / 2,
	.stack_end_most = PTHREAD_BYTES + PAGE};

static const struct glibc_layout aarch64 = {.before = PTHREAD_BYTES,
	.behind = 16,
	.storage_behind = true,
	.dtv = 0,
	.tid = 0xd0,
	.stack_end_least = 16,
	.stack_end_most = 1u << 20}; /* static thread-local storage, and the rest of a page */

const struct glibc_layout *glibc_layout_of(uint32_t machine)
{
	return machine == EM_AARCH64_NUMBER ? &aarch64 : &x86_64;
}

/* Is there a link of a circular list that both neighbours know? */
static bool is_linked(const struct reach_view *view, uint64_t at)
{
	uint64_t next = word(view, at), before = word(view, at + 8);

	return next && before && next % 8 == 0 && before % 8 == 0 && word(view, next + 8) == at &&
	       word(view, before) == at;
}

/* tcbhead_t of x86-64 is the beginning of struct pthread: tcb and self point to it, at 0 and 16.
 * Elsewhere struct pthread, which is aligned to 64 bytes and whose size is not known, is found by
 * its link in the list of all stacks. 0: it is not there. */
static uint64_t find_block(
	const struct reach_view *view, const struct glibc_layout *layout, uint64_t tcb)
{
	if (!layout->storage_behind)
		return word(view, tcb) == tcb && word(view, tcb + 16) == tcb ? tcb : 0;
	for (uint64_t size = PTHREAD_LEAST; size <= PTHREAD_BYTES && tcb % 16 == 0; size += 16) {
		if (is_linked(view, tcb - size + PTHREAD_LIST))
			return tcb - size;
	}
	return 0;
}

struct range glibc_block_at_most(const struct glibc_layout *layout, uint64_t tcb)
{
	return (struct range){tcb - layout->before, tcb + layout->behind};
}

struct range glibc_storage(const struct reach_view *view, const struct glibc_layout *layout,
	uint64_t tcb, uint64_t bytes)
{
	uint64_t block;

	if (!layout->storage_behind)
		return (struct range){tcb - bytes, tcb + layout->behind};
	block = find_block(view, layout, tcb);
	return (struct range){block ? block : tcb, tcb + layout->behind + bytes};
}

/* struct pthread has stackblock and stackblock_size, one behind the other; stacks that libc made
 * end with the page in which what is highest does. */
bool glibc_find_stack(const struct reach_view *view, const struct glibc_layout *layout,
	uint64_t tcb, struct range *ret)
{
	uint64_t block = find_block(view, layout, tcb);
	uint64_t end = layout->storage_behind ? tcb : tcb + PTHREAD_BYTES;

	for (uint64_t at = block; block && at + 16 <= end; at += 8) {
		uint64_t start = word(view, at), size = word(view, at + 8);

		if (start % PAGE || size % PAGE || !start || start >= block || size < 4 * PAGE ||
			size > 1ul << 40 || start + size < tcb + layout->stack_end_least ||
			start + size > tcb + layout->stack_end_most)
			continue;
		*ret = (struct range){start, start + size};
		return true;
	}
	return false;
}

/* The kernel clears the thread's number (CLONE_CHILD_CLEARTID). */
bool glibc_thread_is_gone(
	const struct reach_view *view, const struct glibc_layout *layout, uint64_t tcb)
{
	uint64_t block = find_block(view, layout, tcb);

	return block && (int32_t)word(view, block + layout->tid) <= 0;
}

/* The pointer is to the second of its pairs of words; the one before the first has the number of
 * pairs. */
bool glibc_find_dtv(const struct reach_view *view, const struct glibc_layout *layout, uint64_t tcb,
	struct range *ret)
{
	uint64_t dtv = find_block(view, layout, tcb) ? word(view, tcb + layout->dtv) : 0, pairs;

	if (!dtv || dtv % 16)
		return false;
	pairs = word(view, dtv - 16);
	if (pairs == 0 || pairs > 1 << 20)
		return false;
	*ret = (struct range){dtv - 16, dtv + 16 * (pairs + 1)};
	return true;
}
