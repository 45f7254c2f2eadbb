/*
 * Applies a set of suppressions to the sites of a model. Called by the commands when all sites have
 * their names. The order of entries is that of the tools: LeakSanitizer's take the first that
 * matches, valgrind's the last one read; the built-in ones come after all.
 *
 * What is lost only through blocks that are hidden goes with them, as in LeakSanitizer: nobody else
 * would name it. It is known of definitely lost blocks only; when an entry matches indirectly lost
 * ones, those beneath them stay.
 */
#include "suppress.h"

#include "memory.h"
#include "suppress_stack.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

static bool matches(
	const struct suppression *entry, const struct suppress_stack *stack, bool *ret_by_system)
{
	*ret_by_system = false;
	return entry->format == SUPPRESSION_LSAN
		       ? suppress_lsan_matches(entry, stack, ret_by_system)
		       : suppress_valgrind_matches(entry, stack);
}

static bool may_hide(const struct suppression *entry, const struct site *site)
{
	return site->class != CLASS_SUPPRESSED && site->live.blocks &&
	       (entry->kinds & CLASS_BIT(site->class));
}

unsigned suppress_kinds(const struct suppressions *set)
{
	unsigned kinds = 0;

	for (size_t i = 0; i < set->count; i++)
		kinds |= set->items[i].kinds;
	return kinds;
}

/* ---- which entry ---- */

/* What one instruction, or an allocator, is matched by. */
struct place_match {
	UT_hash_handle hh;
	const void *place;
	size_t first; /* number in the order */
};

/* A search for the first entry that matches. LeakSanitizer's are about single frames, so their
 * answers are kept for each instruction and each frame of the tree: stacks share them. */
struct search {
	const struct model *model;
	struct suppression **order; /* the entries in the order in which they are tried */
	size_t count;
	unsigned kinds; /* of suppress_kinds */
	bool has_valgrind;
	struct suppress_stack stack;
	struct place_match *places;
	uint32_t *path; /* frames on the way up a stack */
	size_t path_capacity;
	size_t *first_of_frame; /* of it and its callers: number in the order + 1; 0: not known */
};

static void order_entries(struct search *search, struct suppressions *set)
{
	size_t used = 0;

	search->order = memory_zero(set->count, sizeof(struct suppression *));
	for (size_t i = 0; i < set->count; i++)
		if (!set->items[i].built_in && set->items[i].format == SUPPRESSION_LSAN)
			search->order[used++] = &set->items[i];
	for (size_t i = set->count; i-- > 0;)
		if (!set->items[i].built_in && set->items[i].format == SUPPRESSION_VALGRIND)
			search->order[used++] = &set->items[i];
	for (size_t i = 0; i < set->count; i++)
		if (set->items[i].built_in)
			search->order[used++] = &set->items[i];
}

static void search_start(struct search *search, const struct model *model, struct suppressions *set)
{
	*search =
		(struct search){.model = model, .count = set->count, .kinds = suppress_kinds(set)};
	order_entries(search, set);
	for (size_t i = 0; i < set->count; i++)
		if (set->items[i].format == SUPPRESSION_VALGRIND)
			search->has_valgrind = true;
	suppress_stack_init(&search->stack, model);
	search->first_of_frame = memory_zero(model->frame_count, sizeof(size_t));
}

static void search_end(struct search *search)
{
	struct place_match *place, *next;

	HASH_ITER(hh, search->places, place, next)
	{
		HASH_DEL(search->places, place);
		free(place);
	}
	suppress_stack_free(&search->stack);
	free(search->path);
	free(search->first_of_frame);
	free(search->order);
}

/* The first of LeakSanitizer's entries that matches what is laid out, else `count`. */
static size_t first_of_stack(const struct search *search)
{
	bool by_system;

	for (size_t i = 0; i < search->count; i++)
		if (search->order[i]->format == SUPPRESSION_LSAN &&
			suppress_lsan_matches(search->order[i], &search->stack, &by_system))
			return i;
	return search->count;
}

/* The same for an allocator (with `frame` 0) or the code of a frame, remembered by `place`. */
static size_t first_of_place(struct search *search, const void *place, uint32_t frame)
{
	struct place_match *match = NULL;

	if (place)
		HASH_FIND_PTR(search->places, &place, match);
	if (match)
		return match->first;
	if (frame)
		suppress_stack_fill_frame(&search->stack, search->model, frame);
	else
		suppress_stack_fill_allocator(&search->stack, place);
	size_t first = first_of_stack(search);
	if (place) {
		match = memory_zero(1, sizeof(*match));
		match->place = place;
		match->first = first;
		HASH_ADD_PTR(search->places, place, match);
	}
	return first;
}

static size_t smaller(size_t one, size_t other)
{
	return one < other ? one : other;
}

/* Up to a frame that is known, then down again: each frame takes over what its caller has. */
static size_t first_of_frames(struct search *search, uint32_t frame)
{
	const struct frame *frames = search->model->frames;
	size_t depth = 0, first = search->count;

	for (; frame && search->first_of_frame[frame] == 0; frame = frames[frame].parent) {
		search->path = memory_grow(
			search->path, &search->path_capacity, depth + 1, sizeof(*search->path));
		search->path[depth++] = frame;
	}
	if (frame)
		first = search->first_of_frame[frame] - 1;
	while (depth) {
		uint32_t number = search->path[--depth];
		first = smaller(first, first_of_place(search, frames[number].symbol, number));
		search->first_of_frame[number] = first + 1;
	}
	return first;
}

static size_t first_lsan(struct search *search, const struct site *site)
{
	size_t first = first_of_place(search, site->allocator_symbol, 0);

	return site->frame ? smaller(first, first_of_frames(search, site->frame)) : first;
}

/* The entry that hides a site, NULL: none does. */
static struct suppression *find_entry(struct search *search, const struct site *site)
{
	size_t lsan = search->count;

	if (site->class == CLASS_SUPPRESSED || site->live.blocks == 0 ||
		!(search->kinds & CLASS_BIT(site->class)))
		return NULL;
	if (site->class != CLASS_REACHABLE)
		lsan = first_lsan(search, site);
	if (search->has_valgrind && (lsan == search->count || search->order[lsan]->built_in)) {
		suppress_stack_fill(&search->stack, search->model, site);
		for (size_t i = 0; i < search->count; i++)
			if (search->order[i]->format == SUPPRESSION_VALGRIND &&
				may_hide(search->order[i], site) &&
				suppress_valgrind_matches(search->order[i], &search->stack))
				return search->order[i];
	}
	return lsan < search->count && may_hide(search->order[lsan], site) ? search->order[lsan]
									   : NULL;
}

/* ---- what is hidden ---- */

static uint64_t least(uint64_t one, uint64_t other)
{
	return one < other ? one : other;
}

static void take(struct amount *from, const struct amount *part)
{
	from->bytes -= least(from->bytes, part->bytes);
	from->blocks -= least(from->blocks, part->blocks);
}

static void add(struct amount *to, const struct amount *part)
{
	to->bytes += part->bytes;
	to->blocks += part->blocks;
}

static struct process *process_of(struct model *model, size_t id)
{
	size_t i = 0;

	while (i + 1 < model->process_count && model->processes[i].id != id)
		i++;
	return &model->processes[i];
}

/* Of a part of a site's blocks it is not known which of several processes they are of: the first
 * ones are taken to have them. */
static void move_totals(
	struct model *model, struct site *site, enum site_class from, const struct amount *part)
{
	struct amount rest = *part;

	if (site->kind != KIND_HEAP)
		return;
	for (size_t k = 0; k < site->share_count; k++) {
		struct share *share = &site->shares[k];
		struct amount moved = {.bytes = least(rest.bytes, share->live.bytes),
			.blocks = least(rest.blocks, share->live.blocks)};
		struct process *process = process_of(model, share->process);
		moved.bytes = least(moved.bytes, process->classes[from].bytes);
		moved.blocks = least(moved.blocks, process->classes[from].blocks);
		take(&process->classes[from], &moved);
		add(&process->classes[CLASS_SUPPRESSED], &moved);
		take(&share->live, &moved);
		take(&rest, &moved);
	}
}

static void count_hidden(struct suppression *entry, const struct amount *part)
{
	add(&entry->hidden, part);
	entry->hidden_sites++;
}

static void mark(struct model *model, struct site *site, const struct suppressions *set,
	const struct suppression *entry)
{
	site->class_without = site->class;
	site->class = CLASS_SUPPRESSED;
	site->suppression = model_string(model, entry->name);
	site->suppressed_by = (size_t)(entry - set->items) + 1;
}

static void hide_site(struct model *model, struct site *site, const struct suppressions *set,
	struct suppression *entry)
{
	struct amount all = site->live;

	move_totals(model, site, site->class, &all);
	mark(model, site, set, entry);
	count_hidden(entry, &all);
}

/* Nor between which marks they were made. */
static void move_intervals(struct site *from, struct site *to, const struct amount *part)
{
	struct amount rest = *part;

	for (size_t k = 0; k < from->interval_count; k++) {
		struct interval *interval = &from->intervals[k];
		struct amount moved = {.bytes = least(rest.bytes, interval->live.bytes),
			.blocks = least(rest.blocks, interval->live.blocks)};
		take(&interval->live, &moved);
		take(&rest, &moved);
		model_site_add_interval(to, interval->title, &moved);
	}
}

/* A site of its own for a part of another one's blocks. The model's sites may move. */
static void split_site(struct model *model, size_t index, const struct amount *part,
	const struct suppressions *set, struct suppression *entry)
{
	model->sites = memory_grow(
		model->sites, &model->site_capacity, model->site_count + 1, sizeof(*model->sites));
	struct site *from = &model->sites[index], *to = &model->sites[model->site_count++];

	move_totals(model, from, from->class, part);
	*to = *from;
	to->pids = NULL;
	to->pid_count = 0;
	to->shares = NULL;
	to->share_count = to->share_capacity = 0;
	to->intervals = NULL;
	to->interval_count = to->interval_capacity = 0;
	to->threads = NULL;
	to->thread_count = 0;
	to->losses = NULL;
	to->loss_count = to->loss_capacity = 0;
	for (size_t i = 0; i < from->pid_count; i++)
		model_site_add_pid(to, from->pids[i]);
	for (size_t i = 0; i < from->thread_count; i++)
		model_site_add_thread(to, from->threads[i]);
	move_intervals(from, to, part);
	to->live = *part;
	mark(model, to, set, entry);
	take(&from->live, part);
	count_hidden(entry, part);
}

/* What is lost through the blocks of a hidden site is hidden, too. */
static void hide_losses(struct model *model, size_t leader, const struct suppressions *set,
	struct suppression *entry)
{
	for (size_t i = 0; i < model->sites[leader].loss_count; i++) {
		struct loss loss = model->sites[leader].losses[i];
		struct site *site = &model->sites[loss.site];
		if (site->class != CLASS_INDIRECT)
			continue;
		struct amount part = {.bytes = least(loss.lost.bytes, site->live.bytes),
			.blocks = least(loss.lost.blocks, site->live.blocks)};
		if (part.blocks == site->live.blocks)
			hide_site(model, site, set, entry);
		else if (part.blocks)
			split_site(model, loss.site, &part, set, entry);
	}
	model->sites[leader].loss_count = 0;
	model->sites[leader].indirect = (struct amount){0};
}

/* What is hidden by itself is not counted beneath what loses it. */
static void forget_hidden_losses(struct model *model)
{
	for (size_t i = 0; i < model->site_count; i++) {
		struct site *site = &model->sites[i];
		size_t kept = 0;
		for (size_t l = 0; l < site->loss_count; l++) {
			if (model->sites[site->losses[l].site].class == CLASS_SUPPRESSED)
				take(&site->indirect, &site->losses[l].lost);
			else
				site->losses[kept++] = site->losses[l];
		}
		site->loss_count = kept;
	}
}

static void note_used(const struct suppressions *set, struct model *model)
{
	free(model->used);
	model->used = memory_zero(set->count, sizeof(*model->used));
	model->used_count = 0;
	for (size_t i = 0; i < set->count; i++) {
		const struct suppression *entry = &set->items[i];
		if (entry->hidden_sites == 0)
			continue;
		model->used[model->used_count++] =
			(struct used_suppression){.name = model_string(model, entry->name),
				.file = model_string(model, entry->file),
				.line = entry->line,
				.hidden = entry->hidden,
				.sites = entry->hidden_sites};
	}
}

void suppress_apply(struct suppressions *set, struct model *model)
{
	struct suppression **found = memory_zero(model->site_count, sizeof(struct suppression *));
	size_t count = model->site_count;
	struct search search;

	search_start(&search, model, set);
	for (size_t i = 0; i < count && set->count; i++) {
		found[i] = find_entry(&search, &model->sites[i]);
		if (found[i])
			hide_site(model, &model->sites[i], set, found[i]);
	}
	search_end(&search);
	for (size_t i = 0; i < count; i++)
		if (found[i])
			hide_losses(model, i, set, found[i]);
	forget_hidden_losses(model);
	note_used(set, model);
	free(found);
}

bool suppress_site_counts(const struct site *site)
{
	return site->live.blocks && site->class != CLASS_SUPPRESSED &&
	       site->class != CLASS_REACHABLE && site->class != CLASS_INDIRECT;
}

/* With what is lost through them, unless that matches by itself. */
static void add_matched(
	struct suppression *entry, const struct model *model, const bool *matched, size_t number)
{
	const struct site *site = &model->sites[number];

	add(&entry->matched, &site->live);
	entry->matched_sites++;
	entry->own_sites += suppress_site_counts(site);
	for (size_t i = 0; i < site->loss_count; i++)
		if (!matched[site->losses[i].site])
			add(&entry->matched, &site->losses[i].lost);
}

void suppress_measure(struct suppressions *set, const struct model *model)
{
	bool *matched = memory_zero(set->count * model->site_count, sizeof(*matched)), by_system;
	struct suppress_stack stack;

	suppress_stack_init(&stack, model);
	for (size_t s = 0; s < model->site_count; s++) {
		suppress_stack_fill(&stack, model, &model->sites[s]);
		for (size_t i = 0; i < set->count; i++) {
			if (!may_hide(&set->items[i], &model->sites[s]) ||
				!matches(&set->items[i], &stack, &by_system))
				continue;
			matched[i * model->site_count + s] = true;
			set->items[i].foreign_sites += by_system;
		}
	}
	suppress_stack_free(&stack);
	for (size_t i = 0; i < set->count; i++)
		for (size_t s = 0; s < model->site_count; s++)
			if (matched[i * model->site_count + s])
				add_matched(
					&set->items[i], model, matched + i * model->site_count, s);
	free(matched);
}
