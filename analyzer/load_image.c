/*
 * Loads one image: totals into a struct process, live blocks and regions into the sites. Called by
 * cmd_model.c for each image. Does not resolve names: frames come out as module and offset.
 */
#include "load_image.h"

#include "clock.h"
#include "image_checks.h"
#include "core_check.h"
#include "image_open.h"
#include "image_tables.h"
#include "intervals.h"
#include "live_blocks.h"
#include "load_check.h"
#include "load_paths.h"
#include "load_process.h"
#include "memory.h"
#include "moments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A site of the model that a site number of the image has blocks or regions in. */
struct node_site {
	uint32_t site; /* index into the model's sites */
	uint32_t next; /* index + 1 of another one of the same number, 0: no more */
};

/* What one load carries around. */
struct loading {
	struct model *model;
	struct process *process;
	struct image_file image;
	struct image_tables tables;
	struct image_checks checks;
	struct live_blocks live;
	struct moments moments;
	struct intervals intervals; /* none: not asked for */
	uint64_t end_moment;
	int64_t newest;          /* last moment that passes --older */
	uint32_t *model_modules; /* by module number */
	uint32_t *model_frames;  /* by node number */
	uint32_t *path;          /* nodes on the way up a stack */
	size_t path_capacity;
	struct image_region *regions;
	size_t region_count, region_capacity;
	bool no_threads, idle_sites; /* as in struct load_options */
	const char *thread_name;     /* of the site rows being read */
	uint32_t *of_node;           /* index into node_sites + 1 */
	struct node_site *node_sites;
	size_t node_site_count, node_site_capacity;
};

/* The clock, and the instant from which ages count back: the end or the snapshot, now, or the last
 * sign of life. A core does not say when it was written. */
static void read_clock(struct loading *loading, uint64_t older_ns)
{
	const struct image_header *header = &loading->image.header;
	struct moments *moments = &loading->moments;

	*moments = (struct moments){.start_ns = header->start_monotonic_ns,
		.shift = header->clock_shift,
		.epochs = loading->tables.epochs,
		.epoch_count = loading->tables.epoch_count};
	if (loading->process->state == STATE_RUNNING && !loading->process->core &&
		!header->snapshot_realtime_ns) {
		moments->end_ns = clock_monotonic_ns();
	} else if (header->end_monotonic_ns) {
		moments->end_ns = header->end_monotonic_ns;
	} else {
		loading->process->run_longer = true;
		moments->end_ns = moments_ns(moments, live_blocks_last_moment(&loading->image));
		if (moments->end_ns < header->seen_monotonic_ns)
			moments->end_ns = header->seen_monotonic_ns;
		for (size_t i = 0; i < moments->epoch_count; i++)
			if (moments->epochs[i].monotonic_ns > moments->end_ns)
				moments->end_ns = moments->epochs[i].monotonic_ns;
	}
	if (moments->end_ns < moments->start_ns)
		moments->end_ns = moments->start_ns;
	loading->process->run_ns = moments->end_ns - moments->start_ns;

	int64_t end = moments_at(moments, moments->end_ns);
	loading->end_moment = end > 0 ? (uint64_t)end : 0;
	loading->newest = older_ns == 0 ? (int64_t)SLOT_MOMENT_MAX
			  : older_ns > loading->process->run_ns
				  ? -1
				  : moments_at(moments, moments->end_ns - older_ns);
}

static void read_modules(struct loading *loading)
{
	const struct image_tables *tables = &loading->tables;
	const char *exe = loading->image.exe;

	loading->model_modules = memory_zero(tables->module_count, sizeof(uint32_t));
	for (size_t i = 1; i < tables->module_count; i++) {
		const struct image_module *row = &tables->modules[i];
		if (row->state == MODULE_FREE)
			continue;
		const char *path = image_module_path(tables, i);
		if (!path[0])
			path = exe;
		loading->model_modules[i] =
			model_module(loading->model, path, row->build_id, row->build_id_size,
				strcmp(path, exe) == 0, loading->image.header.start_realtime_ns);
		if (row->end > row->bias)
			model_module_reaches(
				loading->model, loading->model_modules[i], row->end - row->bias);
		loading->process->module_count++;
	}
}

/* The model's frame for a node and all its callers. */
static uint32_t frame_of_node(struct loading *loading, uint32_t node)
{
	const struct image_tables *tables = &loading->tables;
	size_t depth = 0;
	uint32_t frame = 0;

	for (; node; node = tables->nodes[node].parent) { /* ends: parents are smaller numbers */
		if (tables->nodes[node].ip == 0)
			break;
		frame = loading->model_frames[node];
		if (frame)
			break;
		loading->path = memory_grow(
			loading->path, &loading->path_capacity, depth + 1, sizeof(uint32_t));
		loading->path[depth++] = node;
	}
	while (depth) {
		uint32_t number = loading->path[--depth];
		const struct image_node *row = &tables->nodes[number];
		uint64_t module = row->ip >> IP_MODULE_SHIFT, offset = row->ip & IP_MASK;
		uint32_t flags = (row->flags & NODE_EXACT_IP ? FRAME_EXACT : 0) |
				 (row->flags & NODE_TRUNCATED ? FRAME_TRUNCATED : 0) |
				 (row->flags & NODE_PARTIAL ? FRAME_PARTIAL : 0);
		uint32_t model_number =
			module < tables->module_count ? loading->model_modules[module] : 0;
		if (model_number)
			offset -= tables->modules[module].bias;
		frame = model_frame(loading->model, frame, model_number, offset, flags);
		loading->model_frames[number] = frame;
	}
	return frame;
}

static void remember_site(struct loading *loading, uint32_t number, uint32_t site)
{
	for (uint32_t at = loading->of_node[number]; at; at = loading->node_sites[at - 1].next)
		if (loading->node_sites[at - 1].site == site)
			return;
	loading->node_sites = memory_grow(loading->node_sites, &loading->node_site_capacity,
		loading->node_site_count + 1, sizeof(*loading->node_sites));
	loading->node_sites[loading->node_site_count++] =
		(struct node_site){.site = site, .next = loading->of_node[number]};
	loading->of_node[number] = (uint32_t)loading->node_site_count;
}

/* The site for a site number and class: its stack starts above the family leaf. */
static struct site *site_for(
	struct loading *loading, enum site_kind kind, enum site_class class, uint32_t number)
{
	enum image_family family = image_tables_family(&loading->tables, number);
	uint32_t frame = 0;

	if (family != FAMILY_NONE)
		frame = frame_of_node(loading, loading->tables.nodes[number].parent);
	struct site *site = model_site(loading->model, kind,
		family == FAMILY_IGNORED ? CLASS_SUPPRESSED : class, image_family_symbol(family),
		frame);
	model_site_add_pid(site, loading->process->pid);
	remember_site(loading, number, (uint32_t)(site - loading->model->sites));
	return site;
}

static void add_ages(
	struct site *site, uint64_t oldest, uint64_t newest, uint64_t median, uint64_t blocks)
{
	if (oldest > site->oldest_ns)
		site->oldest_ns = oldest;
	if (newest < site->newest_ns)
		site->newest_ns = newest;
	if (blocks > site->median_blocks) {
		site->median_ns = median;
		site->median_blocks = blocks;
	}
}

static void add_live(
	struct loading *loading, struct site *site, uint32_t interval, const struct amount *live)
{
	model_site_add_live(site, loading->process->id, live);
	if (loading->intervals.count)
		model_site_add_interval(site, loading->intervals.items[interval].title, live);
}

static void build_heap_sites(struct loading *loading)
{
	for (size_t i = 0; i < loading->live.site_count; i++) {
		const struct live_site *live = &loading->live.sites[i];
		const struct moments *moments = &loading->moments;
		if (live->blocks == 0)
			continue;
		if (live->site == 0)
			loading->process->lost_stacks += live->blocks;
		struct site *site = site_for(loading, KIND_HEAP, live->class, live->site);
		add_live(loading, site, live->interval,
			&(struct amount){.bytes = live->bytes, .blocks = live->blocks});
		if (live->size_min < site->size_min)
			site->size_min = live->size_min;
		if (live->size_max > site->size_max)
			site->size_max = live->size_max;
		add_ages(site, moments_age_ns(moments, live->first_moment),
			moments_age_ns(moments, live->last_moment),
			moments_age_ns(moments, live_site_median_moment(live, loading->end_moment)),
			live->blocks);
	}
}

static void read_region(void *context, uint64_t index, const void *row)
{
	struct loading *loading = context;
	struct image_region region;

	(void)index;
	memcpy(&region, row, sizeof(region));
	if (region.state < REGION_MMAP || region.state > REGION_SHM || region.start >= region.end)
		return;
	loading->regions = memory_grow(loading->regions, &loading->region_capacity,
		loading->region_count + 1, sizeof(region));
	loading->regions[loading->region_count++] = region;
}

static void build_region_sites(struct loading *loading)
{
	static const enum site_kind kinds[] = {
		[REGION_MMAP] = KIND_MMAP, [REGION_BRK] = KIND_BRK, [REGION_SHM] = KIND_SHM};

	for (size_t i = 0; i < loading->region_count; i++) {
		const struct image_region *region = &loading->regions[i];
		enum site_kind kind = kinds[region->state];
		uint64_t bytes = region->end - region->start;
		uint64_t age = moments_age_ns(&loading->moments, region->moment);

		loading->process->regions[kind].bytes += bytes;
		loading->process->regions[kind].blocks++;
		if (loading->newest < 0 || region->moment > (uint64_t)loading->newest)
			continue;
		uint32_t number = image_tables_family(&loading->tables, region->site) == FAMILY_NONE
					  ? 0
					  : region->site;
		if (number == 0)
			loading->process->lost_stacks++;
		struct site *site = site_for(loading, kind, CLASS_UNKNOWN, number);
		add_live(loading, site, intervals_find(&loading->intervals, region->moment),
			&(struct amount){.bytes = bytes, .blocks = 1});
		if (bytes < site->size_min)
			site->size_min = bytes;
		if (bytes > site->size_max)
			site->size_max = bytes;
		add_ages(site, age, age, age, 1);
	}
}

static enum site_kind kind_of_family(enum image_family family)
{
	switch (family) {
	case FAMILY_MMAP:
	case FAMILY_MREMAP:
		return KIND_MMAP;
	case FAMILY_BRK:
	case FAMILY_SBRK:
		return KIND_BRK;
	case FAMILY_SHMAT:
		return KIND_SHM;
	default:
		return KIND_HEAP;
	}
}

/* A site of which nothing is live. */
static void add_idle_site(struct loading *loading, uint32_t number)
{
	enum image_family family = image_tables_family(&loading->tables, number);

	if (family != FAMILY_NONE)
		site_for(loading, kind_of_family(family), CLASS_UNKNOWN, number);
}

static void read_site_row(void *context, uint64_t index, const void *row)
{
	struct loading *loading = context;
	struct image_site counters;

	(void)index;
	memcpy(&counters, row, sizeof(counters));
	if (counters.site == 0 || counters.site >= loading->tables.node_count)
		return;
	if (loading->idle_sites && loading->of_node[counters.site] == 0)
		add_idle_site(loading, counters.site);
	/* What was freed had no class: each has what was allocated here in all. */
	uint32_t first = loading->of_node[counters.site];
	if (first) {
		struct site *site = &loading->model->sites[loading->node_sites[first - 1].site];
		site->counted.blocks += counters.allocs;
		site->counted.bytes += counters.bytes;
	}
	for (uint32_t at = loading->of_node[counters.site]; at;
		at = loading->node_sites[at - 1].next) {
		struct site *site = &loading->model->sites[loading->node_sites[at - 1].site];
		site->total_allocs += counters.allocs;
		site->total_bytes += counters.bytes;
		if (loading->thread_name)
			model_site_add_thread(site, loading->thread_name);
	}
}

/* The model's site of the heap for a site number and class. */
static bool find_site(
	const struct loading *loading, uint32_t number, enum site_class class, size_t *ret_site)
{
	if (number == 0 || number >= loading->tables.node_count)
		return false;
	for (uint32_t at = loading->of_node[number]; at; at = loading->node_sites[at - 1].next) {
		const struct site *site = &loading->model->sites[loading->node_sites[at - 1].site];
		*ret_site = loading->node_sites[at - 1].site;
		if (site->kind == KIND_HEAP && site->class == class)
			return true;
	}
	return false;
}

/* Of blocks that were freed since, or are left out by --older, there is nothing to tell. */
static void read_indirect_row(void *context, uint64_t index, const void *row)
{
	struct loading *loading = context;
	struct image_indirect indirect;
	size_t leader, site;

	(void)index;
	memcpy(&indirect, row, sizeof(indirect));
	struct amount lost = {.bytes = indirect.bytes, .blocks = indirect.blocks};
	if (find_site(loading, indirect.leader_site, CLASS_DEFINITE, &leader) &&
		find_site(loading, indirect.site, CLASS_INDIRECT, &site))
		model_add_loss(loading->model, leader, site, &lost);
}

static uint32_t path_frame(void *context, uint32_t node)
{
	return frame_of_node(context, node);
}

static bool path_site(void *context, uint32_t number, enum site_class class, size_t *ret_site)
{
	return find_site(context, number, class, ret_site) ||
	       find_site(context, number, CLASS_SUPPRESSED, ret_site);
}

static void read_paths(struct loading *loading, const struct load_options *options)
{
	const struct path_names names = {.context = loading,
		.frame = path_frame,
		.site = path_site,
		.tables = &loading->tables,
		.model_modules = loading->model_modules,
		.machine = loading->image.header.machine};

	if (options->paths)
		load_paths(loading->model, loading->process, &loading->checks, &names);
	if (options->ret_asked && options->path_of)
		load_paths_asked(options->ret_asked, &loading->image, options->path_of, &names);
}

/* The name of the thread in a slot, or its number when it has none. */
static const char *thread_label(struct loading *loading, uint32_t slot)
{
	char label[32];

	if (slot >= loading->tables.thread_count || loading->tables.threads[slot].state == 0)
		return NULL;
	const struct image_thread *thread = &loading->tables.threads[slot];
	if (thread->name[0])
		return model_string(loading->model, thread->name);
	snprintf(label, sizeof(label), "tid %d", thread->tid);
	return model_string(loading->model, label);
}

static void each_chunk(struct loading *loading, uint32_t type, size_t row_size,
	void (*visit)(void *context, uint64_t index, const void *row))
{
	for (size_t i = 0; i < loading->image.chunk_count; i++) {
		const struct chunk_header *chunk = &loading->image.chunks[i];
		if (chunk->type != type)
			continue;
		loading->thread_name = NULL;
		if (type == CHUNK_SITES && !loading->no_threads)
			loading->thread_name = thread_label(loading, chunk->owner);
		image_each_row(&loading->image, chunk, row_size, visit, loading);
	}
}

static void read_live(struct loading *loading, bool classes, struct progress *progress)
{
	struct process *process = loading->process;
	struct live_blocks *live = &loading->live;
	const struct live_wish wish = {.tables = &loading->tables,
		.checks = classes ? &loading->checks : NULL,
		.newest = loading->newest,
		.end = loading->end_moment,
		.intervals = loading->intervals.count ? &loading->intervals : NULL};

	live_blocks_read(live, &loading->image, &wish, progress);
	for (size_t i = 0; i < CLASS_COUNT; i++) {
		process->classes[i] = live->classes[i];
		process->live.bytes += live->classes[i].bytes;
		process->live.blocks += live->classes[i].blocks;
	}
	process->unsized_blocks = live->unsized_blocks;
	if (process->peak_live_bytes < process->live.bytes)
		process->peak_live_bytes = process->live.bytes;
}

/* A snapshot has blocks that another snapshot of the process, or its image, has, too, and so have a
 * copy of an image and a core of its process. A recording is known by its pid and the nanosecond in
 * which it began: after exec another one begins. */
static bool is_counted_already(
	const struct model *model, const struct image_header *header, struct error *error)
{
	for (size_t i = 0; i < model->process_count; i++) {
		const struct process *process = &model->processes[i];
		if (process->pid != header->pid ||
			process->start_realtime_ns != header->start_realtime_ns)
			continue;
		error_set(error,
			"left out: it is of the same process as %s, and its blocks would count "
			"twice; report them one at a time",
			process->image);
		return true;
	}
	return false;
}

int load_image(struct model *model, const char *path, const struct load_options *options,
	struct error *error)
{
	struct loading loading = {.model = model,
		.no_threads = options->no_threads,
		.idle_sites = options->idle_sites};

	if (image_open(&loading.image, path, options->sysroot, error) < 0) {
		image_close(&loading.image);
		return -1;
	}
	if (is_counted_already(model, &loading.image.header, error)) {
		image_close(&loading.image);
		return 1;
	}
	image_tables_read(&loading.tables, &loading.image);
	image_checks_read(&loading.checks, &loading.image, !options->no_classes);
	loading.process = model_add_process(model);
	load_process(loading.process, model, &loading.image, &loading.tables);
	if (loading.image.origin == ORIGIN_CORE)
		loading.process->core = model_string(model, path);
	read_clock(&loading, options->older_ns);
	if (loading.process->core && !options->no_classes)
		core_check(&loading.checks, path, &loading.image, &loading.tables,
			&(struct core_check_options){.now_ns = loading.moments.end_ns,
				.sysroot = options->sysroot,
				.progress = options->progress,
				.paths = options->paths,
				.path_of = options->path_of});
	if (options->intervals)
		intervals_make(&loading.intervals, &loading.tables, model);
	read_modules(&loading);
	loading.model_frames = memory_zero(loading.tables.node_count, sizeof(uint32_t));
	loading.of_node = memory_zero(loading.tables.node_count, sizeof(uint32_t));
	read_live(&loading, !options->no_classes, options->progress);
	each_chunk(&loading, CHUNK_REGIONS, sizeof(struct image_region), read_region);
	build_heap_sites(&loading);
	build_region_sites(&loading);
	each_chunk(&loading, CHUNK_SITES, sizeof(struct image_site), read_site_row);
	if (!options->no_classes) {
		load_check(loading.process, &loading.checks, &loading.moments,
			&loading.live.unchecked);
		image_checks_indirect(&loading.checks, read_indirect_row, &loading);
		model_settle_losses(model);
	}
	read_paths(&loading, options);

	free(loading.regions);
	free(loading.path);
	free(loading.model_frames);
	free(loading.model_modules);
	free(loading.of_node);
	free(loading.node_sites);
	intervals_free(&loading.intervals);
	live_blocks_free(&loading.live);
	image_checks_free(&loading.checks);
	image_tables_free(&loading.tables);
	image_close(&loading.image);
	return 0;
}
