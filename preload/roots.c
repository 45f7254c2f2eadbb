/*
 * Choosing the roots, see roots.h. Everything that is mapped for writing is one, except what is
 * left out here with its reason: so memory that nobody told us about keeps what it points at.
 *
 * Not seen as what they are: heaps of other allocators that come from raw system calls (their free
 * memory may keep blocks alive), parts of glibc's main heap that are not in [heap] (when brk
 * failed).
 */
#include "preload/roots.h"

/* ---- lists of ranges ---- */

void roots_add(struct roots *roots, struct ranges *ranges, uint64_t start, uint64_t end)
{
	if (start >= end)
		return;
	if (ranges->count == ranges->capacity) {
		size_t capacity = ranges->capacity ? ranges->capacity * 2 : 64;
		struct range *rows =
			roots->view->allocate(roots->view->context, capacity * sizeof(*rows));

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

/* Sorts them, and makes one of those that overlap or touch. */
static void unite(struct ranges *ranges)
{
	size_t count = 0;

	sort(ranges);
	for (size_t i = 0; i < ranges->count; i++) {
		struct range *last = count ? &ranges->rows[count - 1] : NULL;

		if (!last || ranges->rows[i].start > last->end)
			ranges->rows[count++] = ranges->rows[i];
		else if (ranges->rows[i].end > last->end)
			last->end = ranges->rows[i].end;
	}
	ranges->count = count;
}

/* ---- what is known beforehand ---- */

void roots_add_region(struct roots *roots, const struct image_region *region, uint64_t caller)
{
	uint32_t module = roots->allocator_module;

	if (region->state == REGION_ALLOCATOR || (module && caller >> IP_MODULE_SHIFT == module))
		roots_add(roots, &roots->skipped, region->start, region->end);
	else if (region->state == REGION_BRK)
		roots_add(roots, &roots->program, region->start, region->end);
}

void roots_add_thread(struct roots *roots, uint64_t tcb, bool is_main)
{
	/* Whether it is dead is looked up when it is known to be readable. */
	for (size_t i = 0; i < roots->thread_count; i++) {
		if (roots->threads[i].thread_pointer == tcb)
			return;
	}
	if (is_main)
		roots->main_tcb = tcb;
	roots_add(roots, &roots->dead, tcb, tcb + 1);
}

void roots_find_main_heap(const struct roots *roots, struct map *rows)
{
	struct range arena;
	uint64_t top;

	for (size_t i = 0; i < roots->map_count; i++) {
		const struct map *map = &rows[i];

		if (map->sort != SORT_COPIED || !map->writable || map->start < roots->libc.start ||
			map->end > roots->libc.end ||
			!glibc_find_main_arena(roots->view, map->start, map->end, &arena, &top))
			continue;
		size_t heap = map_behind(rows, roots->map_count, top);

		if (heap < roots->map_count && rows[heap].start <= top &&
			rows[heap].sort == SORT_ANON && rows[heap].writable)
			rows[heap].sort = SORT_MALLOC;
		return;
	}
}

/* ---- what is left out ---- */

const struct map *roots_map_at(const struct roots *roots, uint64_t at)
{
	size_t i = map_behind(roots->maps, roots->map_count, at);

	return i < roots->map_count && roots->maps[i].start <= at ? &roots->maps[i] : NULL;
}

static bool is_readable(const struct roots *roots, uint64_t start, uint64_t end)
{
	const struct map *map = roots_map_at(roots, start);

	return map && map->readable && end <= map->end && map->sort != SORT_DEVICE;
}

/* May libc be asked about a thread? */
static bool has_block(const struct roots *roots, uint64_t tcb)
{
	struct range block = glibc_block_at_most(roots->layout, tcb);

	return is_readable(roots, block.start, block.end);
}

void roots_leave_out(struct roots *roots, uint64_t start, uint64_t end)
{
	roots_add(roots, &roots->skipped, start, end);
}

/* The recorder's thread-local variables, which hold addresses of blocks: they lie as far from each
 * thread's control block. */
static void leave_out_own_tls(struct roots *roots)
{
	for (size_t i = 0; i < roots->thread_count; i++) {
		uint64_t at = roots->threads[i].thread_pointer - roots->own_tls_distance;

		roots_leave_out(roots, at, at + roots->own_tls_bytes);
	}
}

/* Heaps of other arenas; in a forked child only what malloc keeps of its own at their start. A
 * mapping beside one may have become one with it. A reservation may be of 2^47 bytes, and a core
 * does not hold what was never touched. */
static void leave_out_heaps(struct roots *roots, const struct map *map)
{
	uint64_t at = (map->start + GLIBC_HEAP_MAX - 1) & ~(uint64_t)(GLIBC_HEAP_MAX - 1);
	uint64_t end = map->held_end ? map->held_end : map->end;
	struct range heap;

	for (; at < end; at += GLIBC_HEAP_MAX) {
		if (!glibc_is_heap(roots->view, at, map->end, &heap))
			continue;
		if (roots->inherited)
			heap.end = glibc_heap_lists_end(roots->view, heap.start);
		roots_leave_out(roots, heap.start, heap.end);
	}
}

/* Where addresses are not randomized it is one mapping with the program's own zeroed data. */
static void leave_out_brk(struct roots *roots, const struct map *map)
{
	bool both = map->start < roots->program_end && roots->program_end < map->end;

	roots_leave_out(roots, both ? roots->program_end : map->start, map->end);
}

/* glibc's malloc: the brk heap, the heaps of its other arenas, and its bins among libc's data. The
 * rest of it are mappings of a block each. In a forked child the heaps are full of blocks that are
 * not known one by one, the parent's, and may keep others. */
static void leave_out_allocator(struct roots *roots)
{
	bool inherited = roots->inherited;
	struct range range;
	uint64_t top;

	for (size_t i = 0; i < roots->map_count; i++) {
		const struct map *map = &roots->maps[i];

		if (!map->readable || !map->writable)
			continue;
		if (map->sort == SORT_MALLOC && !inherited)
			leave_out_brk(roots, map);
		else if (map->sort == SORT_ANON)
			leave_out_heaps(roots, map);
		else if (map->sort == SORT_COPIED && map->start >= roots->libc.start &&
			 map->end <= roots->libc.end &&
			 glibc_find_main_arena(roots->view, map->start, map->end, &range, &top))
			roots_leave_out(roots, range.start, range.end);
	}
}

/* How far below its stack's end libc has put a thread's control block: as far for all of them. 0:
 * no stack of libc's is known. */
static uint64_t control_block_depth(const struct roots *roots)
{
	struct range stack;

	for (size_t i = 0; i < roots->thread_count + roots->dead.count; i++) {
		uint64_t tcb = i < roots->thread_count
				       ? roots->threads[i].thread_pointer
				       : roots->dead.rows[i - roots->thread_count].start;

		if (has_block(roots, tcb) &&
			glibc_find_stack(roots->view, roots->layout, tcb, &stack))
			return stack.end - tcb;
	}
	return 0;
}

/* Threads that ended without ever having been met: a mapping that ends as a stack of libc's does.
 */
static void find_more_dead(struct roots *roots)
{
	uint64_t depth = control_block_depth(roots);

	for (size_t i = 0; i < roots->map_count && depth; i++) {
		const struct map *map = &roots->maps[i];
		uint64_t tcb = map->end - depth;

		if (map->sort == SORT_ANON && map->writable && depth < map->end - map->start &&
			has_block(roots, tcb) &&
			glibc_thread_is_gone(roots->view, roots->layout, tcb))
			roots_add(roots, &roots->dead, tcb, tcb + 1);
	}
}

/* Of the main thread, which has ended before the others; not its arguments and environment. */
static void leave_out_main_stack(struct roots *roots)
{
	const struct map *map = roots_map_at(roots, roots->main_stack_end - 1);

	if (map && map->sort == SORT_STACK)
		roots_leave_out(roots, map->start, roots->main_stack_end);
}

static void leave_out_dead_stacks(struct roots *roots)
{
	struct range stack;

	find_more_dead(roots);
	for (size_t i = 0; i < roots->dead.count; i++) {
		const struct range *tcb = &roots->dead.rows[i];

		if (!has_block(roots, tcb->start) ||
			!glibc_thread_is_gone(roots->view, roots->layout, tcb->start))
			continue;
		if (glibc_find_stack(roots->view, roots->layout, tcb->start, &stack))
			roots_leave_out(roots, stack.start, stack.end);
		else if (tcb->start == roots->main_tcb)
			leave_out_main_stack(roots);
	}
}

bool roots_find_area(
	const struct roots *roots, const struct roots_thread *thread, struct roots_area *ret)
{
	uint64_t tcb = thread->thread_pointer, sp = thread->stack_pointer;
	const struct map *map = roots_map_at(roots, sp);
	struct range stack, tls;

	if (!map)
		return false;
	*ret = (struct roots_area){.start = map->start, .end = map->end, .tls = map->end};
	if (map->sort == SORT_STACK)
		return true;
	if (!has_block(roots, tcb) || !glibc_find_stack(roots->view, roots->layout, tcb, &stack) ||
		sp < stack.start || sp >= stack.end)
		return false;
	ret->end = stack.end;
	ret->start = map->start > stack.start ? map->start : stack.start;
	tls = glibc_storage(roots->view, roots->layout, tcb, roots->tls_bytes);
	ret->tls = tls.start > sp ? tls.start : sp;
	return true;
}

/* A thread that is on a stack of its own choice (a coroutine's, an alternate signal stack) is not
 * known to have left any part of it: all of that mapping stays a root. */
static void leave_out_dead_frames(struct roots *roots)
{
	struct roots_area area;

	for (size_t i = 0; i < roots->thread_count; i++) {
		const struct roots_thread *thread = &roots->threads[i];

		if (!roots_find_area(roots, thread, &area))
			continue;
		roots_leave_out(roots, area.start, thread->stack_pointer - roots->red_zone);
		if (roots->left_out & CHECK_WITHOUT_STACKS)
			roots_leave_out(roots, area.start, area.tls);
	}
}

static void leave_out_unwanted(struct roots *roots)
{
	for (size_t i = 0; i < roots->thread_count && roots->left_out & CHECK_WITHOUT_TLS; i++) {
		struct range tls = glibc_storage(roots->view, roots->layout,
			roots->threads[i].thread_pointer, roots->tls_bytes);

		roots_leave_out(roots, tls.start, tls.end);
	}
	for (size_t i = 0; i < roots->map_count && roots->left_out & CHECK_WITHOUT_GLOBALS; i++) {
		const struct map *map = &roots->maps[i];
		bool bss = map->sort == SORT_ANON && i > 0 && map[-1].end == map->start &&
			   map[-1].sort == SORT_COPIED && map[-1].writable;

		if (map->writable && (map->sort == SORT_COPIED || bss))
			roots_leave_out(roots, map->start, map->end);
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
	uint64_t at = map->start;

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
static void scan_dtv(const struct roots *roots, uint64_t tcb, struct reach *reach)
{
	struct range dtv;

	if (!has_block(roots, tcb) || !glibc_find_dtv(roots->view, roots->layout, tcb, &dtv) ||
		!is_readable(roots, dtv.start, dtv.end))
		return;
	reach_from_words(reach, &dtv.start, 1);
}

void roots_scan(struct roots *roots, struct reach *reach)
{
	size_t skip = 0;

	leave_out_own_tls(roots);
	leave_out_allocator(roots);
	leave_out_dead_stacks(roots);
	leave_out_dead_frames(roots);
	leave_out_unwanted(roots);
	sort(&roots->skipped);
	for (size_t i = 0; i < roots->map_count; i++) {
		if (is_root(&roots->maps[i]))
			scan_map(roots, &roots->maps[i], &skip, reach);
	}
	/* A hostile image names the same memory a million times. */
	unite(&roots->program);
	for (size_t i = 0; i < roots->program.count; i++)
		reach_from(reach, roots->program.rows[i].start, roots->program.rows[i].end);
	if (!(roots->left_out & CHECK_WITHOUT_REGISTERS))
		reach_from_words(reach, roots->registers, roots->register_words);
	for (size_t i = 0; i < roots->thread_count && !(roots->left_out & CHECK_WITHOUT_TLS); i++)
		scan_dtv(roots, roots->threads[i].thread_pointer, reach);
	/* The table of a thread that has ended waits, too, for the next one with its stack. */
	for (size_t i = 0; i < roots->dead.count; i++)
		scan_dtv(roots, roots->dead.rows[i].start, reach);
}
