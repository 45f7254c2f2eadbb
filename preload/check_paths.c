/* Paths of the process's blocks, see check_paths.h. */
#include <link.h>

#include "preload/check_paths.h"
#include "preload/elf.h"
#include "preload/modules.h"
#include "preload/options.h"
#include "preload/regions.h"
#include "preload/stack_frame.h"

extern struct r_debug _r_debug __attribute__((weak));

#define FRAMES_MAX 500000u    /* walked for one check */
#define SITES_WHOLE 128u      /* room for paths of all lengths */
#define ROWS_EACH 12u         /* for those of other sites */
#define ROWS_MAX (1ull << 20) /* 64 MiB */

/* ---- before the scan ---- */

static void *take(const struct check_paths *paths, size_t count, size_t size)
{
	const struct reach_view *view = paths->places.roots->view;

	return view->allocate(view->context, (count + 1) * size);
}

static void add_region(void *context, const struct image_region *region)
{
	struct check_paths *paths = context;

	paths->regions[paths->region_count++] =
		(struct check_region){region->start, region->end, region->site, region->state};
}

static void count_region(void *count, const struct image_region *region)
{
	(void)region;
	++*(size_t *)count;
}

static bool list_regions(struct check_paths *paths)
{
	size_t count = 0;

	regions_each(count_region, &count);
	paths->regions = take(paths, count, sizeof(*paths->regions));
	if (!paths->regions)
		return false;
	regions_each(add_region, paths);
	return true;
}

/* Gives all modules their numbers, because a forked copy cannot; and lists those with thread-local
 * variables, of which the program is the first. libc numbers these as they are loaded, and uses a
 * number again when its module is gone: then only the program's own is sure. */
static bool list_modules(struct check_paths *paths)
{
	const struct link_map *first = &_r_debug ? _r_debug.r_map : NULL;
	struct tls_module *modules;
	size_t count = 0;
	struct loaded object;

	for (const struct link_map *map = first; map; map = map->l_next)
		count++;
	paths->places.tls = modules = take(paths, count, sizeof(*modules));
	if (!modules)
		return false;
	for (const struct link_map *map = first; map && count; map = map->l_next, count--) {
		uint64_t bytes;

		if (!modules_is_there(map) || !modules_find((uintptr_t)map->l_ld, &object))
			continue;
		bytes = elf_tls_variables((const void *)object.start);
		if (bytes && (map == first || !modules_unloads()))
			modules[paths->places.tls_count++] =
				(struct tls_module){object.number, bytes};
	}
	return true;
}

bool check_paths_gather(struct check_paths *ret, const struct roots *roots, const struct stop *stop,
	const struct roots_caller *caller)
{
	*ret = (struct check_paths){.wanted = true,
		.places = {.roots = roots},
		.caller = caller,
		.stop = stop,
		.caller_tid = sys_gettid(),
		.frames_left = FRAMES_MAX};
	ret->sites = take(ret, NODE_MAX / 64 + 1, sizeof(*ret->sites));
	return ret->sites && list_regions(ret) && list_modules(ret);
}

uint64_t check_paths_guess(const struct check_paths *paths)
{
	uint64_t whole = paths->site_count < SITES_WHOLE ? paths->site_count : SITES_WHOLE;
	uint64_t rows = (whole + 1) * 66 + (paths->site_count - whole) * ROWS_EACH;

	return rows < ROWS_MAX ? rows : ROWS_MAX;
}

/* ---- after it ---- */

static int tid_of(const struct check_paths *paths, size_t thread)
{
	if (thread == ROOT_NO_THREAD)
		return 0;
	return thread ? paths->stop->threads[thread - 1].tid : paths->caller_tid;
}

/* The number of the register that a word of a ucontext holds. */
static unsigned register_of(size_t word)
{
	for (unsigned reg = 0; reg < ARCH_REGISTERS; reg++) {
		if (arch_context[reg] == word * sizeof(uint64_t))
			return reg;
	}
	return PATH_REGISTER_NONE;
}

static void describe_register(const struct check_paths *paths, size_t word, struct image_path *row)
{
	const struct stop *stop = paths->stop;

	row->count = PATH_REGISTER_NONE;
	if (word < paths->caller->register_words) {
		row->tid = paths->caller_tid;
		row->count = word;
		return;
	}
	word -= paths->caller->register_words;
	for (size_t i = 0; i < stop->count; i++) {
		if (word < stop->threads[i].register_words) {
			row->tid = stop->threads[i].tid;
			row->count = register_of(word);
			return;
		}
		word -= stop->threads[i].register_words;
	}
}

/* Where a thread stood. */
static void frame_of(const struct check_paths *paths, size_t thread, struct cfi_frame *ret)
{
	if (thread == 0) {
		__builtin_memcpy(ret->value, paths->caller->registers, sizeof(ret->value));
		ret->known = ARCH_REGISTERS_HERE;
		ret->low = ret->value[ARCH_DWARF_SP];
		return;
	}
	for (unsigned reg = 0; reg < ARCH_REGISTERS; reg++)
		ret->value[reg] = paths->stop->threads[thread - 1]
					  .registers[arch_context[reg] / sizeof(uint64_t)];
	ret->known = (1ull << ARCH_REGISTERS) - 1;
	ret->low = ret->value[ARCH_DWARF_SP] - ARCH_RED_ZONE;
}

static void describe_frame(
	struct check_paths *paths, const struct root_place *place, struct image_path *row)
{
	struct cfi_frame frame;
	struct stack_frame found;

	frame_of(paths, place->thread, &frame);
	/* What may be read for sure: the mapping. The stack pointer is in the same. */
	if (!place->map || frame.low < place->map->start || frame.low >= place->map->end)
		return;
	frame.high = place->map->end;
	if (!stack_frame_find(&frame, row->address, &paths->frames_left, &found))
		return;
	row->ip = found.ip;
	row->flags |= found.exact ? PATH_EXACT : 0;
}

static const struct check_region *find_region(const struct check_paths *paths, uint64_t at)
{
	for (size_t i = 0; i < paths->region_count; i++) {
		if (at >= paths->regions[i].start && at < paths->regions[i].end)
			return &paths->regions[i];
	}
	return NULL;
}

/* A variable, or a mapping of the program's. */
static void describe_memory(const struct check_paths *paths, struct image_path *row)
{
	const struct check_region *region = find_region(paths, row->address);
	struct loaded object;

	if (region && (row->detail != ROOT_NAMED || region->kind == REGION_BRK)) {
		row->detail = ROOT_MAPPING;
		row->site = region->site;
		row->offset = row->address - region->start;
	} else if (row->detail == ROOT_OTHER && modules_find_known(row->address, &object)) {
		row->detail = ROOT_DATA;
		row->ip = row->address | (uint64_t)object.number << IP_MODULE_SHIFT;
	}
}

static uint64_t describe(void *context, const struct reach_step *word, struct image_path *row)
{
	struct check_paths *paths = context;
	struct root_place place;

	root_places_find(&paths->places, word, &place);
	row->detail = (uint16_t)place.kind;
	row->tid = tid_of(paths, place.thread);
	if (place.kind == ROOT_REGISTER) {
		describe_register(paths, place.word, row);
		return paths->places.roots->registers[place.word];
	}
	if (place.kind == ROOT_TLS)
		row->ip = place.offset | (uint64_t)place.module << IP_MODULE_SHIFT;
	else if (place.kind == ROOT_STACK && place.in_frames)
		describe_frame(paths, &place, row);
	else if (!word->at_hand && place.kind != ROOT_STACK)
		describe_memory(paths, row);
	return 0;
}

void check_paths_find(
	struct check_paths *paths, struct reach *reach, uint64_t ignored, uint64_t inner)
{
	const struct roots *roots = paths->places.roots;

	paths->places.words_ignored = ignored;
	paths->places.words_before = ignored + inner;
	paths->list = (struct path_list){.reach = reach,
		.view = roots->view,
		.site_end = paths->site_end,
		.steps_left = PATH_LIST_STEPS,
		.tags = options.tags,
		.describe = describe,
		.context = paths};
	if (!root_places_begin(&paths->places) || !path_list_find(&paths->list))
		paths->list.cut += paths->site_count;
}
