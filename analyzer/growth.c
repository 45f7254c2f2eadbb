/*
 * Keeps what each site had before, and ranks the sites by how they grow. Called by cmd_top.c. A
 * site is known by its number in the model, which keeps its sites from load to load. Sites are
 * merged by what they read like only in the rows: what is remembered is remembered by site, so a
 * site may be named, and merged, later.
 */
#define _GNU_SOURCE
#include "growth.h"

#include "aggregate.h"
#include "memory.h"
#include "merge_sites.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define NAME_ALL_LIMIT 2000 /* sites that are all named and merged, as in a report */
#define NAME_AHEAD 4        /* else this many times the rows that are shown, but at least … */
#define NAME_LEAST 200

#define RATE_LEAST 0.05 /* allocations per second: less reads as none */

const char *const growth_sort_names[GROWTH_SORT_COUNT] = {"growth", "rate", "live", "allocs"};

struct history {
	struct trend bytes, allocs;
	uint32_t face; /* which sites it reads like; 0: not known yet */
};

/* Sites that a reader cannot tell apart have one face. */
struct face {
	UT_hash_handle hh;
	uint32_t number;
	char key[];
};

struct growth_private {
	struct history *sites; /* by number in the model */
	size_t site_count, site_capacity;
	struct face *faces;
	uint32_t face_count;
	size_t *row_of_face; /* + 1, while rows are made */
	size_t row_of_face_capacity;
	size_t row_capacity;
};

void growth_init(struct growth *growth)
{
	*growth = (struct growth){.private = memory_zero(1, sizeof(struct growth_private))};
}

void growth_free(struct growth *growth)
{
	struct face *face, *next;

	HASH_ITER(hh, growth->private->faces, face, next)
	{
		HASH_DEL(growth->private->faces, face);
		free(face);
	}
	free(growth->private->sites);
	free(growth->private->row_of_face);
	free(growth->private);
	free(growth->rows);
}

/* Adds a value per second that held for `seconds`. */
static void smooth(struct rate *rate, double value, double seconds)
{
	if (seconds <= 0)
		return;
	rate->seconds += seconds;
	rate->per_second += (value - rate->per_second) * seconds / rate->seconds;
	if (rate->seconds > RATE_SECONDS)
		rate->seconds = RATE_SECONDS;
}

/* `first`: what to count from when the trend begins now. */
static void follow(struct trend *trend, uint64_t now, uint64_t first, double seconds)
{
	if (!trend->started) {
		trend->started = true;
		trend->first = trend->now = first;
	}
	trend->last = trend->now;
	trend->now = now;
	if (seconds > 0)
		smooth(&trend->rate, (double)(int64_t)(now - trend->last) / seconds, seconds);
}

static void add_process(struct growth *growth, const struct process *process, double seconds)
{
	const struct amount *suppressed = &process->classes[CLASS_SUPPRESSED];
	struct amount mapped = {0};

	for (enum site_kind kind = KIND_MMAP; kind <= KIND_SHM; kind++) {
		mapped.bytes += process->regions[kind].bytes;
		mapped.blocks += process->regions[kind].blocks;
	}
	growth->suppressed = *suppressed;
	growth->live_now = (struct amount){.bytes = process->live.bytes - suppressed->bytes,
		.blocks = process->live.blocks - suppressed->blocks};
	growth->mapped_now = mapped;
	follow(&growth->live, growth->live_now.bytes, growth->live_now.bytes, seconds);
	follow(&growth->mapped, mapped.bytes, mapped.bytes, seconds);
	follow(&growth->allocs, process->allocs, process->allocs, seconds);
	follow(&growth->frees, process->frees, process->frees, seconds);
}

static void add_site(
	struct growth *growth, struct history *history, const struct site *site, double seconds)
{
	double before = (double)(growth->last_ns - growth->start_ns) / 1e9;
	bool late = growth->loads > 0;

	/* A site that comes up later was not there when the first load was made, and did not grow.
	 */
	if (!history->bytes.started && late) {
		smooth(&history->bytes.rate, 0, before);
		smooth(&history->allocs.rate, 0, before);
	}
	follow(&history->bytes, site->live.bytes, late ? 0 : site->live.bytes, seconds);
	follow(&history->allocs, site->total_allocs, late ? 0 : site->total_allocs, seconds);
}

void growth_add(struct growth *growth, const struct model *model, uint64_t now_ns)
{
	struct growth_private *private = growth->private;
	double seconds = 0;

	if (growth->loads && now_ns > growth->now_ns)
		seconds = (double)(now_ns - growth->now_ns) / 1e9;
	if (growth->loads == 0)
		growth->start_ns = now_ns;
	growth->last_ns = growth->now_ns;
	growth->now_ns = now_ns;
	if (model->process_count)
		add_process(growth, &model->processes[0], seconds);
	private->sites = memory_grow(private->sites, &private->site_capacity, model->site_count,
		sizeof(*private->sites));
	for (; private->site_count < model->site_count; private->site_count++)
	private->sites[private->site_count] = (struct history){0};
	for (size_t i = 0; i < model->site_count; i++)
		add_site(growth, &private->sites[i], &model->sites[i], seconds);
	growth->loads++;
}

/* Blocks first, then regions. */
static bool is_region(const struct growth_row *row)
{
	return row->site->kind != KIND_HEAP;
}

static int compare_numbers(double one, double other)
{
	return one > other ? -1 : one < other;
}

/* What counts in an order; what does not grow counts nothing. */
static double sort_value(const struct growth_row *row, enum growth_sort sort)
{
	double value = sort == GROWTH_SINCE_START ? (double)row->since_start
		       : sort == GROWTH_RATE      ? row->bytes_rate
		       : sort == GROWTH_ALLOCS    ? row->allocs_rate
						  : 0;
	return value > 0 ? value : 0;
}

static int compare_rows(const void *a, const void *b, void *context)
{
	const struct growth_row *one = a, *other = b;
	const enum growth_sort *sort = context;

	if (is_region(one) != is_region(other))
		return is_region(one) ? 1 : -1;
	int order = compare_numbers(sort_value(one, *sort), sort_value(other, *sort));
	if (order == 0 && one->live.bytes != other->live.bytes)
		order = one->live.bytes > other->live.bytes ? -1 : 1;
	return order ? order : one->site < other->site ? -1 : one->site > other->site;
}

static void sort_rows(struct growth *growth, enum growth_sort sort)
{
	if (growth->row_count)
		qsort_r(growth->rows, growth->row_count, sizeof(*growth->rows), compare_rows,
			&sort);
	for (growth->heap_rows = 0; growth->heap_rows < growth->row_count; growth->heap_rows++)
		if (is_region(&growth->rows[growth->heap_rows]))
			break;
}

static struct growth_row *new_row(struct growth *growth)
{
	growth->rows = memory_grow(growth->rows, &growth->private->row_capacity,
		growth->row_count + 1, sizeof(*growth->rows));
	growth->rows[growth->row_count] = (struct growth_row){0};
	return &growth->rows[growth->row_count++];
}

/* The row that a site belongs to: its face's, or one of its own. */
static struct growth_row *row_for(struct growth *growth, uint32_t face)
{
	size_t *row = &growth->private->row_of_face[face];

	if (face == 0)
		return new_row(growth);
	if (*row == 0) {
		new_row(growth);
		*row = growth->row_count;
	}
	return &growth->rows[*row - 1];
}

static void add_to_row(
	struct growth_row *row, const struct site *site, const struct history *history)
{
	if (row->site == NULL || site->live.bytes > row->site->live.bytes)
		row->site = site;
	row->live.bytes += site->live.bytes;
	row->live.blocks += site->live.blocks;
	row->since_start += (int64_t)(history->bytes.now - history->bytes.first);
	row->since_last += (int64_t)(history->bytes.now - history->bytes.last);
	row->bytes_rate += history->bytes.rate.per_second;
	row->allocs_rate += history->allocs.rate.per_second;
	row->allocs_known = row->allocs_known || history->allocs.rate.seconds > 0;
}

/* Whether something that holds so many blocks is worth a row. */
static bool is_worth_a_row(uint64_t blocks, double allocs_rate, enum growth_sort sort)
{
	return blocks || (sort == GROWTH_ALLOCS && allocs_rate >= RATE_LEAST);
}

static bool is_site_worth_a_row(const struct growth_private *private, const struct model *model,
	size_t number, enum growth_sort sort)
{
	const struct site *site = &model->sites[number];

	return site->class != CLASS_SUPPRESSED &&
	       is_worth_a_row(
		       site->live.blocks, private->sites[number].allocs.rate.per_second, sort);
}

/* A site that holds nothing now still counts: its blocks may be gone while its equals' are not. */
static void make_rows(struct growth *growth, const struct model *model,
	const struct growth_options *options, enum growth_sort sort)
{
	struct growth_private *private = growth->private;
	size_t faces = (size_t) private->face_count + 1, kept = 0;

	private->row_of_face = memory_grow(private->row_of_face, &private->row_of_face_capacity,
		faces, sizeof(*private->row_of_face));
	memset(private->row_of_face, 0, faces * sizeof(*private->row_of_face));
	growth->row_count = growth->left_out = 0;
	for (size_t i = 0; i < model->site_count; i++) {
		const struct site *site = &model->sites[i];
		bool worth_a_row = is_site_worth_a_row(private, model, i, sort);
		if (!worth_a_row && private->sites[i].face == 0)
			continue;
		if (!aggregate_matches(model, site, options->filters, options->filter_count)) {
			growth->left_out += worth_a_row;
			continue;
		}
		add_to_row(row_for(growth, private->sites[i].face), site, &private->sites[i]);
	}
	for (size_t i = 0; i < growth->row_count; i++)
		if (is_worth_a_row(growth->rows[i].live.blocks, growth->rows[i].allocs_rate, sort))
			growth->rows[kept++] = growth->rows[i];
	growth->row_count = kept;
	sort_rows(growth, sort);
}

static uint32_t face_of(
	struct growth_private *private, const struct model *model, const struct site *site)
{
	struct face *face;
	size_t size;
	char *key = merge_sites_key(model, site, &size);

	HASH_FIND(hh, private->faces, key, size, face);
	if (face == NULL) {
		face = memory_zero(1, sizeof(*face) + size);
		memcpy(face->key, key, size);
		face->number = ++private->face_count;
		HASH_ADD(hh, private->faces, key, size, face);
	}
	free(key);
	return face->number;
}

/* Gives a site its names, and its face. Returns whether it had none. */
static bool name_site(struct growth *growth, const struct model *model,
	struct symbolizer *symbolizer, const struct site *site)
{
	struct history *history = &growth->private->sites[site - model->sites];

	if (history->face)
		return false;
	symbolize_site(symbolizer, site);
	history->face = face_of(growth->private, model, site);
	return true;
}

static bool name_rows(struct growth *growth, const struct model *model,
	struct symbolizer *symbolizer, size_t first, size_t end)
{
	bool named = false;

	for (size_t i = first; i < end; i++)
		named = name_site(growth, model, symbolizer, growth->rows[i].site) || named;
	return named;
}

/* Names the rows that are shown, and some more, for one of them may be a part of a shown one. */
static bool name_first(struct growth *growth, const struct model *model,
	struct symbolizer *symbolizer, size_t shown)
{
	size_t heap = growth->heap_rows, regions = growth->row_count - heap;
	size_t wanted = shown <= SIZE_MAX / NAME_AHEAD ? shown * NAME_AHEAD : SIZE_MAX;

	if (wanted < NAME_LEAST)
		wanted = NAME_LEAST;
	bool named = name_rows(growth, model, symbolizer, 0, heap < wanted ? heap : wanted);
	return name_rows(growth, model, symbolizer, heap,
		       heap + (regions < wanted ? regions : wanted)) ||
	       named;
}

void growth_rank(struct growth *growth, struct model *model, struct symbolizer *symbolizer,
	enum growth_sort sort, const struct growth_options *options)
{
	size_t rows = 0;

	for (size_t i = 0; i < model->site_count; i++)
		rows += is_site_worth_a_row(growth->private, model, i, sort);
	bool all = rows <= NAME_ALL_LIMIT || options->filter_count;
	for (size_t i = 0; options->names && all && i < model->site_count; i++)
		if (is_site_worth_a_row(growth->private, model, i, sort))
			name_site(growth, model, symbolizer, &model->sites[i]);
	make_rows(growth, model, options, sort);
	/* Merging moves rows up; each turn names at least one more site, so this ends. */
	while (options->names && !all && name_first(growth, model, symbolizer, options->shown))
		make_rows(growth, model, options, sort);
}
