/*
 * What the process knows of itself, for the choice of its roots; see check_roots.h.
 */
#include <link.h>
#include <stdlib.h>

#include "preload/check_roots.h"
#include "preload/elf.h"
#include "preload/find_object.h"
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

static void add_region(void *roots, const struct image_region *region)
{
	const struct image_node *leaf = region->site ? stacks_node(region->site) : NULL;
	const struct image_node *caller = leaf && leaf->parent ? stacks_node(leaf->parent) : NULL;

	roots_add_region(roots, region, caller ? caller->ip : 0);
}

static void add_program(void *context, uintptr_t start, uintptr_t end)
{
	struct roots *roots = context;

	roots_add(roots, &roots->program, start, end);
}

/* An allocator that is a library of its own keeps its lists in its data. */
static void leave_out_allocator_data(struct roots *roots)
{
	struct loaded module;

	if (roots->allocator_module && modules_find((uintptr_t)real.malloc, &module))
		roots_leave_out(roots, module.start, module.end);
}

static void add_thread(void *roots, uintptr_t tcb, int tid)
{
	roots_add_thread(roots, tcb, tid == image->pid);
}

static bool copy_threads(
	struct roots *roots, const struct stop *stop, const struct roots_caller *caller)
{
	const struct reach_view *view = roots->view;
	size_t words = caller->register_words, count = stop->count + 1;
	struct roots_thread *threads;
	uint64_t *to;

	for (size_t i = 0; i < stop->count; i++)
		words += stop->threads[i].register_words;
	threads = view->allocate(view->context, count * sizeof(*threads));
	to = view->allocate(view->context, words * sizeof(*to));
	if (!threads || !to)
		return false;
	roots->threads = threads;
	roots->thread_count = count;
	roots->registers = to;
	roots->register_words = words;
	threads[0] = (struct roots_thread){caller->stack_pointer, arch_thread_pointer()};
	__builtin_memcpy(to, caller->registers, caller->register_words * sizeof(*to));
	to += caller->register_words;
	for (size_t i = 0; i < stop->count; i++) {
		const struct stopped *thread = &stop->threads[i];

		threads[i + 1] =
			(struct roots_thread){thread->stack_pointer, thread->thread_pointer};
		__builtin_memcpy(to, thread->registers, thread->register_words * sizeof(*to));
		to += thread->register_words;
	}
	return true;
}

bool check_roots_gather(struct roots *ret, const struct reach_view *view, const struct stop *stop,
	const struct roots_caller *caller, uint32_t left_out)
{
	*ret = (struct roots){.view = view,
		.layout = glibc_layout_of(ARCH_ELF_MACHINE),
		.left_out = left_out,
		.red_zone = ARCH_RED_ZONE,
		.main_stack_end = process.stack_end,
		.own_tls_distance = arch_thread_pointer() - (uintptr_t)&tls,
		.own_tls_bytes = sizeof(tls),
		.allocator_module = allocator_module(),
		.inherited = image->forked};
	if (!copy_threads(ret, stop, caller))
		return false;
	regions_each(add_region, ret);
	root_regions_each(add_program, ret);
	threads_each(add_thread, ret);
	leave_out_allocator_data(ret);
	return !ret->out_of_memory;
}

/* ---- what is ours, and whose the rest is ---- */

static void leave_out_piece(void *roots, uintptr_t start, uintptr_t end)
{
	roots_leave_out(roots, start, end);
}

/* The image and our memory, which hold addresses of blocks. */
static void leave_out_ours(struct roots *roots)
{
	roots_leave_out(roots, (uintptr_t)storage.base,
		(uintptr_t)storage.base + atomic_load(&storage.opened));
	own_each(leave_out_piece, roots);
}

/* Bytes of thread-local storage beside a control block: those of all modules that are loaded, and
 * what libc keeps in reserve for libraries that come later. */
#define TLS_RESERVE 1664u /* glibc's default (elf/dl-tls.c, _dl_tls_static_surplus_init) */

static uintptr_t tls_bytes(void)
{
	uintptr_t bytes = TLS_RESERVE;

	for (const struct link_map *map = &_r_debug ? _r_debug.r_map : NULL; map;
		map = map->l_next) {
		struct found_object found;

		if (modules_is_there(map) && find_object((uintptr_t)map->l_ld, &found))
			bytes += elf_tls_size((const void *)found.start);
	}
	return bytes;
}

/* The program is the first in the loader's list. */
static uintptr_t program_end(void)
{
	const struct link_map *map = &_r_debug ? _r_debug.r_map : NULL;
	struct found_object found;

	return map && map->l_ld && find_object((uintptr_t)map->l_ld, &found) ? found.end : 0;
}

/* Not where there is no heap yet, nor in an emulator. */
static bool has_named_heap(const struct maps *maps)
{
	for (size_t i = 0; i < maps->count; i++) {
		if (maps->rows[i].sort == SORT_MALLOC)
			return true;
	}
	return false;
}

void check_roots_scan(struct roots *roots, const struct maps *maps, struct reach *reach)
{
	struct loaded libc = {.start = 0};

	modules_find((uintptr_t)&on_exit, &libc);
	roots->libc = (struct range){libc.start, libc.end};
	roots->program_end = program_end();
	roots->tls_bytes = tls_bytes();
	roots->maps = maps->rows;
	roots->map_count = maps->count;
	if (!has_named_heap(maps))
		roots_find_main_heap(roots, maps->rows);
	leave_out_ours(roots);
	roots_scan(roots, reach);
}
