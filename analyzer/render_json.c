/*
 * The report for machines: schema leak-report/1, a contract. Fields may be added, none renamed.
 * Called through the table in render.c. Text that is not UTF-8 is escaped first.
 */
#include "render_formats.h"

#include "memory.h"
#include "render_json.h"
#include "text.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static json_t *frame_json(
	const struct module *module, const struct frame *frame, const struct location *location)
{
	json_t *json = json_object();

	json_object_set_new(json, "function", string(location->function));
	json_object_set_new(json, "file", string(location->file));
	json_object_set_new(
		json, "line", location->line ? json_integer(location->line) : json_null());
	json_object_set_new(json, "module", frame->module ? string(module->path) : json_null());
	json_object_set_new(json, "offset", number(frame->offset));
	json_object_set_new(json, "inlined", json_boolean(location->inlined));
	if (location->directory)
		json_object_set_new(json, "directory", string(location->directory));
	json_object_set_new(json, "own", json_boolean(model_is_own(module, location)));
	if (module->symbols == SYMBOLS_CHANGED)
		json_object_set_new(json, "file_changed", json_true());
	return json;
}

json_t *render_json_frames(const struct model *model, uint32_t number, bool *ret_cut)
{
	static const struct location unknown;
	json_t *json = json_array();

	for (; number; number = model->frames[number].parent) {
		const struct frame *frame = &model->frames[number];
		const struct module *module = &model->modules[frame->module];
		size_t count = frame->symbol ? frame->symbol->count : 1;
		for (size_t i = 0; i < count; i++)
			json_array_append_new(json,
				frame_json(module, frame,
					frame->symbol ? &frame->symbol->locations[i] : &unknown));
		*ret_cut = *ret_cut || (frame->flags & (FRAME_TRUNCATED | FRAME_PARTIAL));
	}
	return json;
}

/* Where each site of the model is in the array of sites, from 1; 0: it is not. For the caller to
 * free. */
static size_t *number_sites(const struct model *model)
{
	size_t *numbers = memory_zero(model->site_count, sizeof(*numbers)), count = 0;

	for (size_t i = 0; i < model->row_count; i++)
		if (model->rows[i].shown)
			numbers[model->rows[i].site - model->sites] = ++count;
	return numbers;
}

static json_t *site_losses(const struct site *site, const size_t *numbers)
{
	json_t *json = json_array();

	for (size_t i = 0; i < site->loss_count; i++) {
		size_t where = numbers[site->losses[i].site];
		json_t *row = amount(&site->losses[i].lost, "blocks");
		json_object_set_new(row, "site", where ? number(where - 1) : json_null());
		json_array_append_new(json, row);
	}
	return json;
}

static int by_index(const void *a, const void *b)
{
	const size_t *one = a, *other = b;

	return *one < *other ? -1 : *one > *other;
}

/* Pids are not unique: after exec it is the same one. */
static json_t *site_processes(const struct site *site, const size_t *places)
{
	size_t *list = memory_zero(site->share_count, sizeof(*list)), count = 0;
	json_t *json = json_array();

	for (size_t i = 0; i < site->share_count; i++)
		if (site->shares[i].live.blocks)
			list[count++] = places[site->shares[i].process];
	qsort(list, count, sizeof(*list), by_index);
	for (size_t i = 0; i < count; i++)
		json_array_append_new(json, number(list[i]));
	free(list);
	return json;
}

size_t *render_json_places(const struct model *model)
{
	size_t count = 0, *places;

	for (size_t i = 0; i < model->process_count; i++)
		if (model->processes[i].id >= count)
			count = model->processes[i].id + 1;
	places = memory_zero(count, sizeof(*places));
	for (size_t i = 0; i < model->process_count; i++)
		places[model->processes[i].id] = i;
	return places;
}

json_t *render_json_site(const struct site *site, const size_t *numbers, const size_t *places)
{
	json_t *json = json_object(), *part = json_array();
	char id[17];

	snprintf(id, sizeof(id), "%016" PRIx64, site->fingerprint);
	json_object_set_new(json, "id", json_string(id));
	json_object_set_new(json, "kind", string(model_kind_names[site->kind]));
	json_object_set_new(json, "class", string(model_class_names[site->class]));
	if (site->class == CLASS_SUPPRESSED) {
		json_object_set_new(json, "suppression", string(site->suppression));
		json_object_set_new(json, "class_without",
			site->suppression ? string(model_class_names[site->class_without])
					  : json_null());
	}
	json_object_set_new(json, "allocator", string(site->allocator));
	json_object_set_new(json, "allocator_symbol", string(site->allocator_symbol));
	json_object_set_new(json, "bytes", number(site->live.bytes));
	json_object_set_new(json, "blocks", number(site->live.blocks));
	if (site->baseline != BASELINE_NONE) {
		json_object_set_new(json, "baseline", string(model_baseline_names[site->baseline]));
		json_object_set_new(json, "baseline_bytes", number(site->baseline_amount.bytes));
		json_object_set_new(json, "baseline_blocks", number(site->baseline_amount.blocks));
	}
	if (site->class == CLASS_DEFINITE) {
		json_object_set_new(json, "indirect", amount(&site->indirect, "blocks"));
		json_object_set_new(json, "loses", site_losses(site, numbers));
	}
	json_object_set_new(json, "total_allocs", number(site->total_allocs));
	json_object_set_new(json, "total_bytes", number(site->total_bytes));
	json_object_set_new(json, "size_min", number(site->size_min));
	json_object_set_new(json, "size_max", number(site->size_max));
	json_object_set_new(json, "oldest_seconds", seconds(site->oldest_ns));
	json_object_set_new(json, "newest_seconds", seconds(site->newest_ns));
	json_object_set_new(json, "median_seconds", seconds(site->median_ns));
	for (size_t i = 0; i < site->pid_count; i++)
		json_array_append_new(part, json_integer(site->pids[i]));
	json_object_set_new(json, "pids", part);
	json_object_set_new(json, "processes", site_processes(site, places));
	part = json_array();
	for (size_t i = 0; i < site->thread_count; i++)
		json_array_append_new(part, string(site->threads[i]));
	json_object_set_new(json, "threads", part);
	return json;
}

static json_t *site_json(const struct model *model, const struct site *site, const size_t *numbers,
	const size_t *places)
{
	json_t *json = render_json_site(site, numbers, places);
	bool cut = false;

	json_object_set_new(json, "frames", render_json_frames(model, site->frame, &cut));
	json_object_set_new(json, "stack_complete", json_boolean(!cut && site->frame));
	return json;
}

static json_t *group_json(const struct row *row)
{
	json_t *json = json_object();

	json_object_set_new(json, "name", string(row->title));
	json_object_set_new(json, "kind", string(model_kind_names[row->kind]));
	json_object_set_new(json, "class", string(model_class_names[row->site->class]));
	json_object_set_new(json, "bytes", number(row->live.bytes));
	json_object_set_new(json, "blocks", number(row->live.blocks));
	json_object_set_new(json, "sites", number(row->sites));
	return json;
}

json_t *render_json_used(const struct used_suppression *used)
{
	json_t *json = json_object();

	json_object_set_new(json, "name", string(used->name));
	json_object_set_new(json, "file", string(used->file));
	json_object_set_new(json, "line", json_integer(used->line));
	json_object_set_new(json, "bytes", number(used->hidden.bytes));
	json_object_set_new(json, "blocks", number(used->hidden.blocks));
	json_object_set_new(json, "sites", number(used->sites));
	return json;
}

void render_json_value(json_t *json, FILE *out)
{
	json_dumpf(json, out, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
	json_decref(json);
}

void render_json_element(json_t *json, bool first, FILE *out)
{
	fputs(first ? "\n" : ",\n", out);
	render_json_value(json, out);
}

static void write_comparison(const struct comparison *comparison, FILE *out)
{
	json_t *json = json_object();

	json_object_set_new(json, "new", number(comparison->added));
	json_object_set_new(json, "grown", number(comparison->grown));
	json_object_set_new(json, "known", number(comparison->known));
	json_object_set_new(json, "gone", number(comparison->gone));
	render_json_value(json, out);
}

static void render(const struct model *model, const struct render_options *options, FILE *out)
{
	bool first = true, grouped = strcmp(options->group, "site") != 0;
	size_t *numbers = number_sites(model), *places = render_json_places(model);

	fputs("{\"schema\":\"leak-report/1\",\n\"verdict\":", out);
	render_json_value(string(model->verdict.line), out);
	if (model->comparison.done) {
		fputs(",\n\"baseline\":", out);
		write_comparison(&model->comparison, out);
	}
	fputs(options->members ? options->members : "", out);
	fputs(",\n\"processes\":[", out);
	for (size_t i = 0; i < model->process_count; i++)
		render_json_element(render_json_process(model, &model->processes[i]), i == 0, out);
	fputs("],\n\"sites\":[", out);
	for (size_t i = 0; i < model->row_count; i++) {
		if (!model->rows[i].shown || grouped)
			continue;
		render_json_element(
			site_json(model, model->rows[i].site, numbers, places), first, out);
		first = false;
	}
	if (grouped) {
		fputs("],\n\"groups\":[", out);
		for (size_t i = 0; i < model->row_count; i++) {
			if (!model->rows[i].shown)
				continue;
			render_json_element(group_json(&model->rows[i]), first, out);
			first = false;
		}
	}
	first = true;
	fputs("],\n\"suppressions\":[", out);
	for (size_t i = 0; i < model->used_count; i++, first = false)
		render_json_element(render_json_used(&model->used[i]), first, out);
	fputs("]}\n", out);
	free(numbers);
	free(places);
}

const struct render_format render_json = {
	.name = "json",
	.help = "the report for machines (schema leak-report/1)",
	.all_sites = true,
	.render = render,
};
