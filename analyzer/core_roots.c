/*
 * What a core tells of the process that a choice of roots must know, see core_roots.h; preload/
 * check_roots.c tells the same of the process itself. Called by core_check.c. The image says where
 * the recorder's own memory is, and who mapped what.
 */
#include "core_roots.h"

#include "text.h"

#include <elf.h>
#include <string.h>

#define OWN_TLS_MAX 65536u  /* bytes: more is no image of ours */
#define OWN_PAGES_MAX 4096u /* pages of a list: likewise, or a circle */
#define RED_ZONE 128u       /* of x86-64 */
#define STEPS_LEAST 1000000u
#define LIBC_GRANULE_SHIFT 5u

struct gathering {
	struct roots *roots;
	const struct core_places *places;
	struct core_view *view;
	uint64_t missing_bytes;
	size_t steps_left; /* for look_for_region: regions of an image of ours do not overlap */
};

static void *take(const struct gathering *gathering, size_t count, size_t size)
{
	return pool_take(gathering->view->pool, count * size);
}

/* ---- threads ---- */

static void add_threads(struct gathering *gathering)
{
	const struct core_file *core = gathering->places->core;
	size_t words = core->vector_count;
	struct roots_thread *threads = take(gathering, core->thread_count, sizeof(*threads));

	for (size_t i = 0; i < core->thread_count; i++)
		words += core->threads[i].register_count;
	uint64_t *registers = take(gathering, words, sizeof(*registers));
	gathering->roots->threads = threads;
	gathering->roots->registers = registers;
	for (size_t i = 0; i < core->thread_count; i++) {
		const struct core_thread *thread = &core->threads[i];
		threads[gathering->roots->thread_count++] =
			(struct roots_thread){thread->sp, thread->thread_pointer};
		/* The thread pointer is libc's, also where a block is a thread's stack. */
		for (unsigned r = 0; r < thread->register_count; r++)
			if (thread->registers[r] != thread->thread_pointer)
				registers[gathering->roots->register_words++] =
					thread->registers[r];
	}
	if (core->vector_count)
		memcpy(registers + gathering->roots->register_words, core->vectors,
			core->vector_count * sizeof(*registers));
	gathering->roots->register_words += core->vector_count;
}

static void add_ended_threads(struct gathering *gathering)
{
	const struct image_tables *tables = gathering->places->tables;
	int pid = gathering->places->image->header.pid;

	for (size_t i = 0; i < tables->thread_count; i++)
		if (tables->threads[i].state && tables->threads[i].tcb)
			roots_add_thread(gathering->roots, tables->threads[i].tcb,
				tables->threads[i].tid == pid);
}

/* ---- the recorder ---- */

/* The pieces of a list (struct image_own_page) in the process. */
static void each_piece(struct gathering *gathering, uint64_t page,
	void (*visit)(struct roots *roots, uint64_t start, uint64_t end))
{
	struct image_own_page *copy = take(gathering, 1, sizeof(*copy));
	uint64_t met = 0; /* one of those before; a circle comes to it again */

	for (unsigned n = 0; page && page != met && n < OWN_PAGES_MAX; n++, page = copy->next) {
		if ((n & (n - 1)) == 0) /* farther apart each time, for a circle of any length */
			met = page;
		if (core_file_read(gathering->places->core, page, copy, sizeof(*copy)) !=
			sizeof(*copy)) {
			gathering->missing_bytes += sizeof(*copy);
			return;
		}
		for (size_t i = 0; i < IMAGE_OWN_PIECES; i++)
			if (copy->pieces[i].end > copy->pieces[i].start)
				visit(gathering->roots, copy->pieces[i].start, copy->pieces[i].end);
	}
}

static void add_program_piece(struct roots *roots, uint64_t start, uint64_t end)
{
	roots_add(roots, &roots->program, start, end);
}

static void leave_out_recorder(struct gathering *gathering)
{
	const struct image_file *image = gathering->places->image;
	const struct image_header *header = &image->header;

	if (image->address)
		roots_leave_out(
			gathering->roots, image->address, image->address + header->opened_bytes);
	each_piece(gathering, header->own_pieces, roots_leave_out);
	if (header->own_tls_bytes <= OWN_TLS_MAX) {
		gathering->roots->own_tls_distance = header->own_tls_distance;
		gathering->roots->own_tls_bytes = header->own_tls_bytes;
	}
}

/* ---- the program and its allocator ---- */

static void find_modules(struct gathering *gathering)
{
	const struct core_modules *modules = gathering->places->modules;
	struct roots *roots = gathering->roots;

	for (size_t i = 0; i < modules->count; i++) {
		const struct core_module *module = &modules->all[i];
		const char *name = text_basename(module->path);
		if (module->executable)
			roots->program_end = module->end;
		if (strncmp(name, "libc.so.", 8) == 0 || strncmp(name, "libc-2.", 7) == 0)
			roots->libc = (struct range){module->start, module->end};
	}
}

/* An allocator that is a library of its own, and keeps its lists in its data. */
static void find_allocator(struct gathering *gathering)
{
	const struct image_header *header = &gathering->places->image->header;
	const struct image_tables *tables = gathering->places->tables;

	for (size_t i = 2; i < tables->module_count; i++) {
		const struct image_module *module = &tables->modules[i];
		if (header->granule_shift == LIBC_GRANULE_SHIFT || module->state != MODULE_LOADED ||
			header->allocator < module->start || header->allocator >= module->end)
			continue;
		gathering->roots->allocator_module = (uint32_t)i;
		roots_leave_out(gathering->roots, module->start, module->end);
	}
}

/* gcore leaves out what the program has excluded from cores, without a word. */
static void look_for_region(struct gathering *gathering, const struct image_region *region)
{
	const struct core_places *places = gathering->places;
	uint64_t at = region->start;

	if (places->core->signal || !(region->prot & 2)) /* PROT_WRITE */
		return;
	while (at < region->end && gathering->steps_left) {
		gathering->steps_left--;
		size_t i = map_behind(places->maps->rows, places->maps->count, at);
		const struct map *next =
			i < places->maps->count && places->maps->rows[i].start < region->end
				? &places->maps->rows[i]
				: NULL;
		if (next == NULL || next->start > at)
			gathering->missing_bytes += (next ? next->start : region->end) - at;
		at = next ? next->end : region->end;
	}
}

static void add_region(void *context, uint64_t index, const void *row)
{
	struct gathering *gathering = context;
	const struct image_tables *tables = gathering->places->tables;
	struct image_region region;
	uint64_t caller = 0;

	(void)index;
	memcpy(&region, row, sizeof(region));
	if (region.state < REGION_MMAP || region.state > REGION_ALLOCATOR ||
		region.start >= region.end)
		return;
	if (image_tables_family(tables, region.site) != FAMILY_NONE)
		caller = tables->nodes[tables->nodes[region.site].parent].ip;
	roots_add_region(gathering->roots, &region, caller);
	if (region.state != REGION_ALLOCATOR)
		look_for_region(gathering, &region);
}

static void add_regions(struct gathering *gathering)
{
	const struct image_file *image = gathering->places->image;

	for (size_t i = 0; i < image->chunk_count; i++)
		if (image->chunks[i].type == CHUNK_REGIONS)
			image_each_row(image, &image->chunks[i], sizeof(struct image_region),
				add_region, gathering);
}

/* The pointer to the first page of what the program has named as roots. */
static void add_program_pieces(struct gathering *gathering)
{
	uint64_t at = gathering->places->image->header.root_pages, page;

	if (at == 0)
		return;
	if (core_file_read(gathering->places->core, at, &page, sizeof(page)) == sizeof(page))
		each_piece(gathering, page, add_program_piece);
	else
		gathering->missing_bytes += sizeof(page);
}

/* What is left of the 64 MiB of a heap of another arena may not be touched, but gcore says of all
 * memory that it may be read. */
static void hide_reserves(const struct roots *roots, struct core_maps *maps)
{
	struct range heap;

	for (size_t i = 1; i < maps->count; i++) {
		struct map *map = &maps->rows[i];
		uint64_t start = map->start & ~(uint64_t)(GLIBC_HEAP_MAX - 1);
		if (map->sort == SORT_ANON && !map->writable && map->start > start &&
			map[-1].end == map->start && map[-1].start <= start && map[-1].readable &&
			map->end - start <= GLIBC_HEAP_MAX &&
			glibc_is_heap(roots->view, start, map->end, &heap) &&
			heap.end <= map->start)
			map->readable = false;
	}
}

uint64_t core_roots_gather(
	struct roots *ret, const struct core_places *places, struct core_view *view)
{
	struct gathering gathering = {.roots = ret,
		.places = places,
		.view = view,
		.steps_left = STEPS_LEAST + 4 * places->maps->count};
	const struct image_header *header = &places->image->header;

	*ret = (struct roots){.view = &view->view,
		.layout = glibc_layout_of(places->core->machine),
		.maps = places->maps->rows,
		.map_count = places->maps->count,
		.red_zone = places->core->machine == EM_X86_64 ? RED_ZONE : 0,
		.main_stack_end = header->main_stack_end,
		.inherited = header->forked};
	add_threads(&gathering);
	find_modules(&gathering);
	find_allocator(&gathering);
	leave_out_recorder(&gathering);
	add_ended_threads(&gathering);
	add_regions(&gathering);
	add_program_pieces(&gathering);
	/* A core has no names for anonymous memory. */
	roots_find_main_heap(ret, places->maps->rows);
	hide_reserves(ret, places->maps);
	return gathering.missing_bytes;
}
