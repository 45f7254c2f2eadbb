/*
 * Choosing the roots, see roots.h. Everything that is mapped for writing is one, except what is
 * left out here with its reason: so memory that nobody told us about keeps what it points at.
 *
 * Not seen as what they are: heaps of other allocators that come from raw system calls (their free
 * memory may keep blocks alive), parts of glibc's main heap that are not in [heap] (when brk
 * failed).
 */
#include <link.h>
#include <stdlib.h>

#include "preload/roots.h"
#include "preload/elf.h"
#include "preload/image.h"
#include "preload/live.h"
#include "preload/modules.h"
#include "preload/own.h"
#include "preload/process.h"
#include "preload/real.h"
#include "preload/regions.h"
#include "preload/root_regions.h"
#include "preload/stacks.h"
#include "preload/storage.h"
#include "preload/sys.h"
#include "preload/threads.h"

extern struct r_debug _r_debug __attribute__((weak));

#define PAGE 4096u
#define RED_ZONE ARCH_RED_ZONE

/* ---- lists of ranges ---- */

static void add_range(struct roots *roots, struct ranges *ranges, uintptr_t start, uintptr_t end)
{
	if (start >= end)
		return;
	if (ranges->count == ranges->capacity) {
		size_t capacity = ranges->capacity ? ranges->capacity * 2 : 64;
		struct range *rows = check_allocate(roots->memory, capacity * sizeof(*rows));

		if (!rows) {
			roots->out_of_memory = true;
			return;
		}
		if (ranges->count)
			__builtin_memcpy(rows, ranges->rows, ranges->count * sizeof(*rows));
		ranges->rows = rows;
		ranges->capacity = capacity;
	}
	ranges->rows[ranges->count++] = (struct range){start, end};
}

static void add_all(struct roots *roots, struct ranges *to, const struct ranges *from)
{
	for (size_t i = 0; i < from->count; i++)
		add_range(roots, to, from->rows[i].start, from->rows[i].end);
}

/* Heap sort: in place, and never slow. */
static void sink(struct range *rows, size_t at, size_t count)
{
	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		struct range moved = rows[at];

		if (child + 1 < count && rows[child + 1].start > rows[child].start)
			child++;
		if (rows[child].start <= moved.start)
			return;
		rows[at] = rows[child];
		rows[child] = moved;
	}
}

static void sort(struct ranges *ranges)
{
	for (size_t i = ranges->count / 2; i-- > 0;)
		sink(ranges->rows, i, ranges->count);
	for (size_t n = ranges->count; n-- > 1;) {
		struct range last = ranges->rows[n];

		ranges->rows[n] = ranges->rows[0];
		ranges->rows[0] = last;
		sink(ranges->rows, 0, n);
	}
}

/* ---- what only the process knows ---- */

/* The module that malloc is in; 0 when it is the program itself, whose mappings are not all the
 * allocator's, or libc, whose malloc's mappings no hook sees. */
static uint32_t allocator_module(void)
{
	struct loaded module;

	if (real_granule_shift() == LIVE_WIDE_SHIFT ||
		!modules_find((uintptr_t)real.malloc, &module) || module.number <= 1)
		return 0;
	return module.number;
}

/* Did the allocator map it? Then the innermost frame is its own. */
static bool is_of_module(const struct image_region *region, uint32_t module)
{
	const struct image_node *leaf = region->site ? stacks_node(region->site) : NULL;
	const struct image_node *caller = leaf && leaf->parent ? stacks_node(leaf->parent) : NULL;

	return caller && caller->ip >> IP_MODULE_SHIFT == module;
}

static void add_region(void *context, const struct image_region *region)
{
	struct roots *roots = context;
	uint32_t module = allocator_module();

	if (module && is_of_module(region, module))
		add_range(roots, &roots->allocator, region->start, region->end);
	else if (region->state == REGION_BRK)
		add_range(roots, &roots->program, region->start, region->end);
}

static void add_program(void *context, uintptr_t start, uintptr_t end)
{
	struct roots *roots = context;

	add_range(roots, &roots->program, start, end);
}

/* An allocator that is a library of its own keeps its lists in its data. */
static void add_allocator_data(struct roots *roots)
{
	struct loaded module;

	if (allocator_module() && modules_find((uintptr_t)real.malloc, &module))
		add_range(roots, &roots->allocator, module.start, module.end);
}

static void add_dead(void *context, uintptr_t tcb, int tid)
{
	struct roots *roots = context;

	/* Whether it is dead is looked up when it is known to be readable. */
	for (size_t i = 0; i < roots->thread_count; i++) {
		if (roots->threads[i].thread_pointer == tcb)
			return;
	}
	if (tid == image->pid)
		roots->main_tcb = tcb;
	add_range(roots, &roots->dead, tcb, tcb + GLIBC_TCB_BYTES);
}

static bool copy_threads(
	struct roots *roots, const struct stop *stop, const struct roots_caller *caller)
{
	size_t words = caller->register_words;
	uint64_t *to;

	for (size_t i = 0; i < stop->count; i++)
		words += stop->threads[i].register_words;
	roots->thread_count = stop->count + 1;
	roots->threads =
		check_allocate(roots->memory, roots->thread_count * sizeof(*roots->threads));
	to = roots->registers = check_allocate(roots->memory, words * sizeof(*to));
	if (!roots->threads || !to)
		return false;
	roots->threads[0] = (struct stopped){.stack_pointer = caller->stack_pointer,
		.thread_pointer = arch_thread_pointer(),
		.registers = caller->registers,
		.register_words = caller->register_words};
	for (size_t i = 0; i < stop->count; i++)
		roots->threads[i + 1] = stop->threads[i];
	for (size_t i = 0; i < roots->thread_count; i++) {
		struct stopped *thread = &roots->threads[i];

		__builtin_memcpy(to, thread->registers, thread->register_words * sizeof(*to));
		thread->registers = to;
		to += thread->register_words;
	}
	roots->register_words = words;
	return true;
}

bool roots_gather(struct roots *ret, struct check_memory *memory, const struct stop *stop,
	const struct roots_caller *caller, uint32_t left_out)
{
	*ret = (struct roots){.memory = memory, .left_out = left_out, .inherited = image->forked};
	if (!copy_threads(ret, stop, caller))
		return false;
	regions_each(add_region, ret);
	root_regions_each(add_program, ret);
	threads_each(add_dead, ret);
	add_allocator_data(ret);
	return !ret->out_of_memory;
}

/* ---- what is left out ---- */

static bool is_readable(struct maps *maps, uintptr_t start, uintptr_t end)
{
	const struct map *map = maps_find(maps, start);

	return map && map->readable && end <= map->end && map->sort != SORT_DEVICE;
}

static uintptr_t round_up(uintptr_t at)
{
	return (at + PAGE - 1) & ~(uintptr_t)(PAGE - 1);
}

static void leave_out(struct roots *roots, uintptr_t start, uintptr_t end)
{
	add_range(roots, &roots->skipped, start, end);
}

static void leave_out_piece(void *roots, uintptr_t start, uintptr_t end)
{
	leave_out(roots, start, end);
}

/* The image, our memory, our data, and our thread-local variables, which hold addresses of blocks:
 * they lie as far from each thread's control block. */
static void leave_out_ours(struct roots *roots)
{
	extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));
	extern const char _end[] __attribute__((visibility("hidden")));
	uintptr_t distance = arch_thread_pointer() - (uintptr_t)&tls;
	leave_out(roots, (uintptr_t)storage.base,
		(uintptr_t)storage.base + atomic_load(&storage.opened));
	own_each(leave_out_piece, roots);
	leave_out(roots, (uintptr_t)&__ehdr_start, round_up((uintptr_t)_end));
	for (size_t i = 0; i < roots->thread_count; i++) {
		uintptr_t at = roots->threads[i].thread_pointer - distance;

		leave_out(roots, at, at + sizeof(tls));
	}
}

/* Heaps of other arenas. A mapping beside one may have become one with it. */
static void leave_out_heaps(struct roots *roots, const struct map *map)
{
	uintptr_t at = (map->start + GLIBC_HEAP_MAX - 1) & ~(uintptr_t)(GLIBC_HEAP_MAX - 1);
	struct range heap;

	for (; at < map->end; at += GLIBC_HEAP_MAX) {
		if (glibc_is_heap(at, map->end, &heap))
			leave_out(roots, heap.start, heap.end);
	}
}

/* glibc's malloc: the brk heap, the heaps of its other arenas, and its bins among libc's data. The
 * rest of it are mappings of a block each. In a forked child the heaps are full of blocks that are
 * not known one by one, the parent's, and may keep others. */
static void leave_out_allocator(struct roots *roots, struct maps *maps)
{
	bool inherited = roots->inherited;
	struct loaded libc = {.start = 0};
	struct range range;

	add_all(roots, &roots->skipped, &roots->allocator);
	modules_find((uintptr_t)&on_exit, &libc);
	for (size_t i = 0; i < maps->count; i++) {
		const struct map *map = &maps->rows[i];

		if (!map->readable || !map->writable)
			continue;
		if (map->sort == SORT_MALLOC && !inherited)
			leave_out(roots, map->start, map->end);
		else if (map->sort == SORT_ANON && !inherited)
			leave_out_heaps(roots, map);
		else if (map->sort == SORT_COPIED && map->start >= libc.start &&
			 map->end <= libc.end &&
			 glibc_find_main_arena(map->start, map->end, &range))
			leave_out(roots, range.start, range.end);
	}
}

/* How far below its stack's end libc has put a thread's control block: as far for all of them. 0:
 * no stack of libc's is known. */
static uintptr_t control_block_depth(const struct roots *roots, struct maps *maps)
{
	struct range stack;

	for (size_t i = 0; i < roots->thread_count + roots->dead.count; i++) {
		uintptr_t tcb = i < roots->thread_count
					? roots->threads[i].thread_pointer
					: roots->dead.rows[i - roots->thread_count].start;

		if (is_readable(maps, tcb, tcb + GLIBC_TCB_BYTES) && glibc_find_stack(tcb, &stack))
			return stack.end - tcb;
	}
	return 0;
}

/* Threads that ended without ever having been met: a mapping that ends as a stack of libc's does.
 */
static void find_more_dead(struct roots *roots, struct maps *maps)
{
	uintptr_t depth = control_block_depth(roots, maps);

	for (size_t i = 0; i < maps->count && depth; i++) {
		const struct map *map = &maps->rows[i];
		uintptr_t tcb = map->end - depth;

		if (map->sort == SORT_ANON && map->writable && depth < map->end - map->start &&
			is_readable(maps, tcb, tcb + GLIBC_TCB_BYTES) && glibc_thread_is_gone(tcb))
			add_range(roots, &roots->dead, tcb, tcb + GLIBC_TCB_BYTES);
	}
}

/* Of the main thread, which has ended before the others; not its arguments and environment. */
static void leave_out_main_stack(struct roots *roots, struct maps *maps)
{
	const struct map *map = maps_find(maps, process.stack_end - 1);

	if (map && map->sort == SORT_STACK)
		leave_out(roots, map->start, process.stack_end);
}

static void leave_out_dead_stacks(struct roots *roots, struct maps *maps)
{
	struct range stack;

	find_more_dead(roots, maps);
	for (size_t i = 0; i < roots->dead.count; i++) {
		const struct range *tcb = &roots->dead.rows[i];

		if (!is_readable(maps, tcb->start, tcb->end) || !glibc_thread_is_gone(tcb->start))
			continue;
		if (glibc_find_stack(tcb->start, &stack))
			leave_out(roots, stack.start, stack.end);
		else if (tcb->start == roots->main_tcb)
			leave_out_main_stack(roots, maps);
	}
}

/* Bytes of thread-local storage below a control block: those of all modules that are loaded, and
 * what libc keeps in reserve for libraries that come later. */
#define TLS_RESERVE 1664u /* glibc's default (elf/dl-tls.c, _dl_tls_static_surplus_init) */

static uintptr_t tls_bytes(void)
{
	uintptr_t bytes = TLS_RESERVE;

	for (const struct link_map *map = &_r_debug ? _r_debug.r_map : NULL; map;
		map = map->l_next) {
		struct dl_find_object found;

		if (map->l_ld && !_dl_find_object((void *)map->l_ld, &found))
			bytes += elf_tls_size(found.dlfo_map_start);
	}
	return bytes;
}

/* A thread's own stack, as far as it is known: where it may have pointers, where it is dead. */
struct area {
	uintptr_t start, end; /* of the stack's mapping or part of it */
	uintptr_t tls;        /* where its thread-local storage begins, above all frames */
};

static bool find_area(
	struct maps *maps, const struct stopped *thread, uintptr_t tls_size, struct area *ret)
{
	uintptr_t tcb = thread->thread_pointer, sp = thread->stack_pointer;
	const struct map *map = maps_find(maps, sp);
	struct range stack;

	if (!map)
		return false;
	*ret = (struct area){.start = map->start, .end = map->end, .tls = map->end};
	if (map->sort == SORT_STACK)
		return true;
	if (!is_readable(maps, tcb, tcb + GLIBC_TCB_BYTES) || !glibc_find_stack(tcb, &stack) ||
		sp < stack.start || sp >= stack.end)
		return false;
	ret->end = stack.end;
	ret->start = map->start > stack.start ? map->start : stack.start;
	ret->tls = tcb - tls_size > sp ? tcb - tls_size : sp;
	return true;
}

/* A thread that is on a stack of its own choice (a coroutine's, an alternate signal stack) is not
 * known to have left any part of it: all of that mapping stays a root. */
static void leave_out_dead_frames(struct roots *roots, struct maps *maps, uintptr_t tls_size)
{
	struct area area;

	for (size_t i = 0; i < roots->thread_count; i++) {
		const struct stopped *thread = &roots->threads[i];

		if (!find_area(maps, thread, tls_size, &area))
			continue;
		leave_out(roots, area.start, thread->stack_pointer - RED_ZONE);
		if (roots->left_out & CHECK_WITHOUT_STACKS)
			leave_out(roots, area.start, area.tls);
	}
}

static void leave_out_unwanted(struct roots *roots, struct maps *maps, uintptr_t tls_size)
{
	for (size_t i = 0; i < roots->thread_count && roots->left_out & CHECK_WITHOUT_TLS; i++) {
		uintptr_t tcb = roots->threads[i].thread_pointer;

		leave_out(roots, tcb - tls_size, tcb + GLIBC_TCB_BYTES);
	}
	for (size_t i = 0; i < maps->count && roots->left_out & CHECK_WITHOUT_GLOBALS; i++) {
		const struct map *map = &maps->rows[i];
		bool bss = map->sort == SORT_ANON && i > 0 && map[-1].end == map->start &&
			   map[-1].sort == SORT_COPIED && map[-1].writable;

		if (map->writable && (map->sort == SORT_COPIED || bss))
			leave_out(roots, map->start, map->end);
	}
}

/* ---- the scan ---- */

static bool is_root(const struct map *map)
{
	if (!map->readable || map->sort == SORT_DEVICE || map->sort == SORT_SYSTEM)
		return false;
	/* What a program has filled and then protected. Code and constants of files have no
	 * pointers to blocks. */
	return map->writable || (map->sort == SORT_ANON && !map->executable);
}

/* A mapping without what is left out. */
static void scan_map(
	const struct roots *roots, const struct map *map, size_t *skip, struct reach *reach)
{
	uintptr_t at = map->start;

	while (at < map->end) {
		const struct range *next =
			*skip < roots->skipped.count ? &roots->skipped.rows[*skip] : NULL;

		if (!next || next->start >= map->end) {
			reach_from(reach, at, map->end);
			return;
		}
		if (next->end <= at) {
			++*skip;
			continue;
		}
		if (next->start > at)
			reach_from(reach, at, next->start);
		at = next->end;
	}
}

/* libc's table of a thread's thread-local blocks: libc points into it, not at its start. */
static void scan_dtv(struct maps *maps, uintptr_t tcb, struct reach *reach)
{
	struct range dtv;

	if (!is_readable(maps, tcb, tcb + GLIBC_TCB_BYTES) || !glibc_find_dtv(tcb, &dtv) ||
		!is_readable(maps, dtv.start, dtv.end))
		return;
	reach_from_words(reach, &dtv.start, 1);
}

void roots_scan(struct roots *roots, struct maps *maps, struct reach *reach)
{
	uintptr_t tls_size = tls_bytes();
	size_t skip = 0;

	leave_out_ours(roots);
	leave_out_allocator(roots, maps);
	leave_out_dead_stacks(roots, maps);
	leave_out_dead_frames(roots, maps, tls_size);
	leave_out_unwanted(roots, maps, tls_size);
	sort(&roots->skipped);
	for (size_t i = 0; i < maps->count; i++) {
		if (is_root(&maps->rows[i]))
			scan_map(roots, &maps->rows[i], &skip, reach);
	}
	for (size_t i = 0; i < roots->program.count; i++)
		reach_from(reach, roots->program.rows[i].start, roots->program.rows[i].end);
	if (!(roots->left_out & CHECK_WITHOUT_REGISTERS))
		reach_from_words(reach, roots->registers, roots->register_words);
	for (size_t i = 0; i < roots->thread_count && !(roots->left_out & CHECK_WITHOUT_TLS); i++)
		scan_dtv(maps, roots->threads[i].thread_pointer, reach);
	/* The table of a thread that has ended waits, too, for the next one with its stack. */
	for (size_t i = 0; i < roots->dead.count; i++)
		scan_dtv(maps, roots->dead.rows[i].start, reach);
}
