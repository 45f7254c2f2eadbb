/*
 * Checks a core for lost blocks, see core_check.h. Called by load_image.c. The scan and the choice
 * of its roots are the recorder's own (preload/reach.h, roots.h), with all heuristics.
 *
 * What is not in the core may have held pointers. Once the scan has asked for such memory, a block
 * that nothing seems to point at is not known to be lost.
 */
#include "core_check.h"

#include "clock.h"
#include "core_file.h"
#include "core_map.h"
#include "core_maps.h"
#include "core_modules.h"
#include "core_paths.h"
#include "core_roots.h"
#include "core_view.h"
#include "live_sorted.h"
#include "memory.h"
#include "pool.h"
#include "preload/reach_pairs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What one check carries around. */
struct checking {
	struct core_file core;
	struct core_modules modules;
	struct core_map map;
	struct core_maps maps;
	struct core_bytes files;
	struct core_view view;
	struct pool pool;
	const struct image_file *image;
	const struct image_tables *tables;
	struct live_sorted live;
	struct roots roots;
	struct reach *reach;
	bool unsure;     /* memory is missing that may have held pointers */
	uint8_t *spaces; /* of the blocks that are scanned, in order */
	size_t scanned;  /* how many there are */
	size_t stored;   /* how many have been stored */
	uint64_t *kept;  /* addresses of those that the program asked not to report */
	size_t kept_count, kept_capacity;
	struct image_check row;
	struct image_leaf_classes *leaves;
	size_t leaf_count, leaf_capacity;
	size_t open[SPACE_COUNT]; /* each space's last leaf, + 1 */
	struct reach_pairs pairs;
	const struct core_check_options *options;
	struct image_path *paths;
	size_t path_count;
};

/* ---- the scan ---- */

static bool add_block(void *context, uint32_t space, const struct image_block *block)
{
	struct checking *checking = context;

	if (!reach_add(checking->reach, block->address, block->size, block->site))
		return true; /* it has no class then */
	checking->spaces[checking->scanned++] = (uint8_t)space;
	if (image_tables_family(checking->tables, block->site) != FAMILY_IGNORED)
		return true;
	checking->kept = memory_grow(checking->kept, &checking->kept_capacity,
		checking->kept_count + 1, sizeof(*checking->kept));
	checking->kept[checking->kept_count++] = block->address;
	return true;
}

/* While the memory can be read still. */
static void find_paths(struct checking *checking, const struct core_places *places)
{
	const struct core_paths_wish wish = {.places = places,
		.roots = &checking->roots,
		.reach = checking->reach,
		.words_before = checking->kept_count,
		.path_of = checking->options->path_of,
		.heuristics = checking->row.heuristics};
	uint64_t missing = checking->view.missing_bytes;

	if (!checking->options->paths)
		return;
	checking->row.with_paths = 1;
	checking->paths = core_paths_find(&wish, &checking->path_count, &checking->row.cut_paths);
	/* That was not to look for pointers. */
	checking->view.missing_bytes = missing;
}

static void scan(struct checking *checking)
{
	const struct core_places places = {.core = &checking->core,
		.modules = &checking->modules,
		.maps = &checking->maps,
		.image = checking->image,
		.tables = checking->tables};

	checking->row.heuristics = REACH_ALL_HEURISTICS;
	checking->reach = reach_begin(&checking->view.view,
		checking->row.heuristics | (checking->options->paths ? REACH_PATHS : 0));
	checking->spaces = memory_zero(checking->live.count, 1);
	live_sorted_each(&checking->live, add_block, checking);
	live_sorted_free(&checking->live);
	reach_ready(checking->reach);
	checking->row.unreadable_bytes =
		core_roots_gather(&checking->roots, &places, &checking->view);
	/* They keep what they point at. */
	reach_from_words(checking->reach, checking->kept, checking->kept_count);
	roots_scan(&checking->roots, checking->reach);
	reach_finish(checking->reach);
	find_paths(checking, &places);
}

/* Was all there that may have held pointers, or says which blocks there are? */
static void judge(struct checking *checking)
{
	const struct core_file *core = &checking->core;
	struct image_check *row = &checking->row;
	bool registers = core->thread_count > 0;

	for (size_t i = 0; i < core->thread_count; i++)
		registers = registers && core->threads[i].register_count;
	row->unreadable_bytes += checking->view.missing_bytes;
	checking->unsure = row->unreadable_bytes || !registers ||
			   checking->image->readable_bytes < checking->image->wanted_bytes;
}

/* ---- what came out ---- */

static struct image_leaf_classes *leaf_of(struct checking *checking, uint32_t space, uint64_t base)
{
	size_t open = checking->open[space];

	if (open && checking->leaves[open - 1].base == base)
		return &checking->leaves[open - 1];
	checking->leaves = memory_grow(checking->leaves, &checking->leaf_capacity,
		checking->leaf_count + 1, sizeof(*checking->leaves));
	checking->leaves[checking->leaf_count] =
		(struct image_leaf_classes){.base = base, .space = space};
	checking->open[space] = ++checking->leaf_count;
	return &checking->leaves[checking->leaf_count - 1];
}

static bool store_block(void *context, const struct reach_block *block)
{
	struct checking *checking = context;
	uint32_t space = checking->spaces[checking->stored++];
	unsigned shift = live_each_shift(checking->image, space);
	uint64_t span = (uint64_t)LEAF_SLOTS << shift;
	unsigned slot = (unsigned)(block->address >> shift) % LEAF_SLOTS;
	enum reach_class class = block->class;

	if (checking->unsure && (class == REACH_DEFINITE || class == REACH_INDIRECT))
		class = REACH_NOT_CLASSED;
	checking->row.classes[class].blocks++;
	checking->row.classes[class].bytes += block->size;
	leaf_of(checking, space, block->address & ~(span - 1))->nibbles[slot / 2] |=
		(uint8_t)(class << slot % 2 * 4);
	if (class == REACH_INDIRECT)
		reach_pairs_add(&checking->pairs, block->site, block->leader_site, block->size);
	return true;
}

static void store(struct checking *checking, struct image_checks *checks)
{
	struct image_indirect *indirect;
	size_t count = 0;

	checking->pairs = (struct reach_pairs){
		.allocate = checking->view.view.allocate, .context = &checking->view};
	checks->unsure = checking->unsure;
	reach_each(checking->reach, store_block, checking);
	indirect = memory_zero(checking->pairs.count, sizeof(*indirect));
	for (size_t i = 0; i < checking->pairs.capacity; i++)
		if (checking->pairs.rows[i].site)
			indirect[count++] = checking->pairs.rows[i];
	image_checks_add(
		checks, &checking->row, checking->leaves, checking->leaf_count, indirect, count);
}

static void open_places(struct checking *checking, const char *sysroot)
{
	core_modules_find(&checking->modules, &checking->core);
	core_map_make(&checking->map, &checking->core, &checking->modules, checking->image->path);
	core_maps_make(&checking->maps, &checking->core, &checking->map);
	core_bytes_open(&checking->files, &checking->core, &checking->modules, sysroot);
	core_view_open(&checking->view, &checking->core, &checking->maps, &checking->files,
		&checking->pool);
}

static void close_places(struct checking *checking)
{
	core_view_close(&checking->view);
	core_bytes_close(&checking->files);
	core_maps_free(&checking->maps);
	core_map_free(&checking->map);
	core_modules_free(&checking->modules);
}

static void check_memory(struct checking *checking, struct image_checks *checks,
	const struct core_check_options *options)
{
	uint64_t started_ns = clock_monotonic_ns();
	struct reach_counts counts;

	open_places(checking, options->sysroot);
	live_sorted_read(&checking->live, checking->image, options->progress);
	scan(checking);
	judge(checking);
	reach_counts(checking->reach, &counts);
	checking->row.root_bytes = counts.root_bytes;
	checking->row.block_bytes = counts.block_bytes;
	checking->row.threads = (uint32_t)checking->core.thread_count;
	checking->row.scan_memory_bytes = checking->pool.bytes;
	checking->row.scan_ns = clock_monotonic_ns() - started_ns;
	store(checking, checks);
	image_checks_add_paths(checks, checking->paths, checking->path_count);
	close_places(checking);
	free(checking->spaces);
	free(checking->kept);
}

/* Why no check can be made; 0: it can. In a core of ours no two segments have the same bytes. */
static enum check_failure find_obstacle(const struct checking *checking)
{
	struct stat status;

	if (fstat(checking->core.fd, &status) < 0 ||
		checking->core.held_bytes > (uint64_t)status.st_size)
		return CHECK_BAD_CORE;
	return checking->image->is_later ? CHECK_OTHER_MOMENT : 0;
}

void core_check(struct image_checks *checks, const char *path, const struct image_file *image,
	const struct image_tables *tables, const struct core_check_options *options)
{
	struct checking *checking = memory_zero(1, sizeof(*checking));
	struct image_check *row = &checking->row;
	struct error error;

	checking->image = image;
	checking->tables = tables;
	checking->options = options;
	*row = (struct image_check){
		.state = CHECK_DONE, .trigger = CHECK_OF_CORE, .monotonic_ns = options->now_ns};
	row->failure = core_file_open(&checking->core, path, &error) < 0 ? CHECK_BAD_CORE
									 : find_obstacle(checking);
	if (row->failure) {
		row->state = CHECK_FAILED;
		image_checks_add(checks, row, NULL, 0, NULL, 0);
	} else {
		check_memory(checking, checks, options);
	}
	core_file_close(&checking->core);
	pool_free(&checking->pool);
	free(checking);
}
