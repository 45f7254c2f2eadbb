/*
 * Ranks, filters and groups the sites of a model. Called by cmd_model.c, before and after symbols
 * are known. One site is one row or part of exactly one.
 */
#include "aggregate.h"

#include "memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum section section_of(const struct site *site)
{
	static const enum section sections[] = {
		[CLASS_DEFINITE] = SECTION_DEFINITE,
		[CLASS_INDIRECT] = SECTION_INDIRECT,
		[CLASS_POSSIBLE] = SECTION_POSSIBLE,
		[CLASS_REACHABLE] = SECTION_REACHABLE,
		[CLASS_UNKNOWN] = SECTION_UNKNOWN,
		[CLASS_SUPPRESSED] = SECTION_SUPPRESSED,
	};

	return site->class != CLASS_SUPPRESSED && site->kind != KIND_HEAP ? SECTION_REGIONS
									  : sections[site->class];
}

static int compare_sections(const struct row *one, const struct row *other)
{
	return one->section < other->section ? -1 : one->section > other->section;
}

/* What comes free with the blocks of a row counts. */
static uint64_t weight(const struct row *row)
{
	return row->live.bytes + row->indirect.bytes;
}

static int compare_rows(const void *a, const void *b)
{
	const struct row *one = a, *other = b;

	if (one->section != other->section)
		return compare_sections(one, other);
	if (weight(one) != weight(other))
		return weight(one) > weight(other) ? -1 : 1;
	if (one->live.blocks != other->live.blocks)
		return one->live.blocks > other->live.blocks ? -1 : 1;
	if (one->title && other->title && one->title != other->title)
		return strcmp(one->title, other->title);
	return one->site->frame < other->site->frame ? -1 : one->site->frame > other->site->frame;
}

static void rank(struct model *model, size_t top)
{
	size_t shown[SECTION_COUNT] = {0};

	if (model->row_count)
		qsort(model->rows, model->row_count, sizeof(*model->rows), compare_rows);
	for (size_t i = 0; i < model->row_count; i++)
		model->rows[i].shown = shown[model->rows[i].section]++ < top;
}

static bool location_contains(
	const struct module *module, const struct location *location, const char *text)
{
	return strstr(module->path, text) != NULL ||
	       (location && location->function && strstr(location->function, text)) ||
	       (location && location->file && strstr(location->file, text));
}

static bool site_contains(const struct model *model, const struct site *site, const char *text)
{
	for (uint32_t number = site->frame; number; number = model->frames[number].parent) {
		const struct frame *frame = &model->frames[number];
		const struct module *module = &model->modules[frame->module];
		if (location_contains(module, NULL, text))
			return true;
		for (size_t i = 0; frame->symbol && i < frame->symbol->count; i++)
			if (location_contains(module, &frame->symbol->locations[i], text))
				return true;
	}
	return false;
}

bool aggregate_matches(const struct model *model, const struct site *site,
	const char *const *filters, size_t filter_count)
{
	for (size_t i = 0; i < filter_count; i++)
		if (!site_contains(model, site, filters[i]))
			return false;
	return true;
}

/* Says of each process, by its id, whether its memory was thrown away by exec. NULL, where there is
 * nothing else to report on: then that is what is asked for. For the caller to free. */
static bool *find_replaced(const struct model *model)
{
	bool *replaced = memory_zero(model->process_count, sizeof(*replaced));
	size_t count = 0;

	for (size_t i = 0; i < model->process_count; i++) {
		const struct process *process = &model->processes[i];
		replaced[process->id] = process->state == STATE_EXEC;
		count += replaced[process->id];
	}
	if (count < model->process_count)
		return replaced;
	free(replaced);
	return NULL;
}

static bool is_replaced(const struct site *site, const bool *processes)
{
	for (size_t i = 0; i < site->share_count; i++)
		if (!processes[site->shares[i].process])
			return false;
	return site->share_count && site->class != CLASS_SUPPRESSED;
}

static void add_sites(struct model *model, const struct selection *selection)
{
	bool *replaced = selection && selection->leave_out_replaced ? find_replaced(model) : NULL;

	free(model->rows);
	model->rows = memory_zero(model->site_count, sizeof(*model->rows));
	model->row_count = 0;
	model->filtered_sites = 0;
	model->replaced = (struct amount){0};
	for (size_t i = 0; i < model->site_count; i++) {
		struct site *site = &model->sites[i];
		bool kept = !selection || aggregate_matches(model, site, selection->filters,
						  selection->filter_count);
		site->left_out = !kept;
		site->replaced = kept && replaced && is_replaced(site, replaced);
		if (!kept) {
			model->filtered_sites++;
			continue;
		}
		if (site->replaced) {
			model->replaced.bytes += site->live.bytes;
			model->replaced.blocks += site->live.blocks;
			continue;
		}
		if (selection && !(selection->kinds & CLASS_BIT(site->class)))
			continue;
		model->rows[model->row_count++] = (struct row){.site = site,
			.kind = site->kind,
			.section = section_of(site),
			.live = site->live,
			.indirect = site->indirect,
			.sites = 1};
	}
	free(replaced);
}

/* Blocks do say between which marks they were made, but not which ones they lose. */
static void split_by_mark(struct model *model)
{
	size_t count = 0, room = 0;
	struct row *rows;

	for (size_t i = 0; i < model->row_count; i++)
		room += model->rows[i].site->interval_count;
	rows = memory_zero(room, sizeof(*rows));
	for (size_t i = 0; i < model->row_count; i++) {
		const struct site *site = model->rows[i].site;

		for (size_t k = 0; k < site->interval_count; k++) {
			const struct interval *interval = &site->intervals[k];

			if (interval->live.blocks == 0)
				continue;
			rows[count] = model->rows[i];
			rows[count].title = interval->title;
			rows[count].live = interval->live;
			rows[count++].indirect = (struct amount){0};
		}
	}
	free(model->rows);
	model->rows = rows;
	model->row_count = count;
}

/* The place that a site is grouped under: function, file or module of its focus frame. */
static const char *place_title(struct model *model, const struct site *site, const char *group)
{
	size_t index;
	uint32_t number = model_site_focus(model, site, &index);
	const struct frame *frame = &model->frames[number];
	const struct module *module = &model->modules[frame->module];
	const struct location *location =
		number && frame->symbol ? &frame->symbol->locations[index] : NULL;
	char text[4096];

	if (number == 0)
		return "(no stack)";
	if (strcmp(group, "function") == 0 && location && location->function)
		return location->function;
	if (strcmp(group, "file") == 0 && location && location->file)
		return location->file;
	if (strcmp(group, "module") == 0 && frame->module)
		return module->path;
	if (frame->module == 0)
		return "(no module)";
	if (strcmp(group, "file") == 0)
		snprintf(text, sizeof(text), "(no source line) %s", module->name);
	else
		snprintf(text, sizeof(text), "%s+0x%" PRIx64, module->name, frame->offset);
	return model_string(model, text);
}

/* Blocks do not say which thread made them, sites do: one that several threads used is theirs. */
static const char *thread_title(struct model *model, const struct site *site)
{
	char text[256] = "";
	size_t used = 0;

	if (site->thread_count == 0)
		return "(thread not known)";
	for (size_t i = 0; i < site->thread_count && used < sizeof(text) - 40; i++)
		used += (size_t)snprintf(
			text + used, sizeof(text) - used, "%s%s", i ? ", " : "", site->threads[i]);
	if (site->thread_count > 1)
		snprintf(text + used, sizeof(text) - used, " (%zu threads)", site->thread_count);
	return model_string(model, text);
}

static int compare_titles(const void *a, const void *b)
{
	const struct row *one = a, *other = b;

	if (one->section != other->section)
		return compare_sections(one, other);
	if (one->title != other->title)
		return strcmp(one->title, other->title);
	return weight(one) > weight(other) ? -1 : weight(one) < weight(other);
}

static void name_rows(struct model *model, const char *group)
{
	for (size_t i = 0; i < model->row_count; i++) {
		const struct site *site = model->rows[i].site;
		model->rows[i].title = model_string(
			model, strcmp(group, "thread") == 0 ? thread_title(model, site)
							    : place_title(model, site, group));
	}
}

static void merge_rows(struct model *model, const char *group)
{
	size_t count = 0;

	if (strcmp(group, "mark") == 0)
		split_by_mark(model);
	else
		name_rows(model, group);
	if (model->row_count == 0)
		return;
	qsort(model->rows, model->row_count, sizeof(*model->rows), compare_titles);
	for (size_t i = 0; i < model->row_count; i++) {
		struct row *row = &model->rows[i], *last = count ? &model->rows[count - 1] : NULL;
		if (last && last->title == row->title && last->section == row->section) {
			last->live.bytes += row->live.bytes;
			last->live.blocks += row->live.blocks;
			last->indirect.bytes += row->indirect.bytes;
			last->indirect.blocks += row->indirect.blocks;
			last->sites++;
		} else {
			model->rows[count++] = *row;
		}
	}
	model->row_count = count;
}

void aggregate_sites(struct model *model, size_t top)
{
	add_sites(model, NULL);
	rank(model, top);
}

bool aggregate_needs_symbols(const struct selection *selection)
{
	return selection->filter_count > 0 || strcmp(selection->group, "function") == 0 ||
	       strcmp(selection->group, "file") == 0 || strcmp(selection->group, "module") == 0 ||
	       strcmp(selection->group, "mark") == 0;
}

void aggregate_select(struct model *model, const struct selection *selection)
{
	add_sites(model, selection);
	if (strcmp(selection->group, "site") != 0)
		merge_rows(model, selection->group);
	rank(model, selection->top);
}
