/*
 * Recognising glibc's structures, see glibc.h. Offsets are those of glibc 2.26 to 2.40 on 64-bit
 * (malloc/malloc.c struct malloc_state, malloc/arena.c heap_info, nptl/descr.h,
 * sysdeps/x86_64/nptl/ tls.h); each use checks more than the one word it needs.
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

/* tcbhead_t: tcb and self point to the block itself, at 0 and 16; dtv at 8. */
static bool is_tcb(const struct reach_view *view, uint64_t tcb)
{
	return word(view, tcb) == tcb && word(view, tcb + 16) == tcb;
}

/* struct pthread has stackblock and stackblock_size, one behind the other; for stacks that libc
 * made, the block ends with the page in which struct pthread does. */
bool glibc_find_stack(const struct reach_view *view, uint64_t tcb, struct range *ret)
{
	if (!is_tcb(view, tcb))
		return false;
	for (uint64_t at = tcb; at + 16 <= tcb + GLIBC_TCB_BYTES; at += 8) {
		uint64_t start = word(view, at), size = word(view, at + 8);

		if (start % PAGE || size % PAGE || !start || start >= tcb || size < 4 * PAGE ||
			size > 1ul << 40 || start + size < tcb + GLIBC_TCB_BYTES / 2 ||
			start + size > tcb + GLIBC_TCB_BYTES + PAGE)
			continue;
		*ret = (struct range){start, start + size};
		return true;
	}
	return false;
}

/* The kernel clears the thread's number (CLONE_CHILD_CLEARTID), which is at 0x2d0 in struct
 * pthread. */
bool glibc_thread_is_gone(const struct reach_view *view, uint64_t tcb)
{
	return is_tcb(view, tcb) && (int32_t)word(view, tcb + 0x2d0) <= 0;
}

/* The pointer at 8 is to the second of its pairs of words; the one before the first has the number
 * of pairs. */
bool glibc_find_dtv(const struct reach_view *view, uint64_t tcb, struct range *ret)
{
	uint64_t dtv = is_tcb(view, tcb) ? word(view, tcb + 8) : 0, pairs;

	if (!dtv || dtv % 16)
		return false;
	pairs = word(view, dtv - 16);
	if (pairs == 0 || pairs > 1 << 20)
		return false;
	*ret = (struct range){dtv - 16, dtv + 16 * (pairs + 1)};
	return true;
}
