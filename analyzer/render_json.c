/*
 * The report for machines: schema leak-report/1, a contract. Fields may be added, none renamed.
 * Called through the table in render.c. Text that is not UTF-8 is escaped first.
 */
#include "render_formats.h"

#include "memory.h"
#include "render_json.h"
#include "render_json_core.h"
#include "text.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* To the millisecond: the clock is no finer, and the digits stay short (see write_element). */
static json_t *seconds(uint64_t ns)
{
	uint64_t ms = ns / 1000000 + (ns % 1000000 >= 500000);

	return json_real((double)ms / 1e3);
}

/* An instant as ISO 8601 in UTC, to the millisecond; null when it is not known. */
static json_t *instant(uint64_t realtime_ns)
{
	time_t second = (time_t)(realtime_ns / 1000000000u);
	unsigned milliseconds = (unsigned)(realtime_ns % 1000000000u / 1000000u);
	struct tm parts;
	char text[64];

	if (realtime_ns == 0 || gmtime_r(&second, &parts) == NULL)
		return json_null();
	size_t used = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(text + used, sizeof(text) - used, ".%03uZ", milliseconds);
	return json_string(text);
}

static json_t *process_totals(const struct process *process)
{
	json_t *json = json_object();

	json_object_set_new(json, "allocs", number(process->allocs));
	json_object_set_new(json, "frees", number(process->frees));
	json_object_set_new(json, "allocated_bytes", number(process->alloc_bytes));
	json_object_set_new(json, "freed_bytes", number(process->free_bytes));
	json_object_set_new(json, "peak_live_bytes", number(process->peak_live_bytes));
	return json;
}

static json_t *process_lost(const struct process *process)
{
	json_t *json = json_object();

	for (size_t i = 0; i < process->lost_count; i++)
		json_object_set_new(json, process->lost[i].name, number(process->lost[i].count));
	json_object_set_new(json, "unsized_blocks", number(process->unsized_blocks));
	json_object_set_new(json, "unreadable_sites", number(process->lost_stacks));
	json_object_set_new(json, "truncated_image_bytes",
		number(process->wanted_bytes - process->readable_bytes));
	json_object_set_new(json, "memory_only_image_bytes", number(process->memory_only_bytes));
	return json;
}

static json_t *process_brinks(const struct process *process)
{
	json_t *json = json_array();

	for (size_t i = 0; i < process->brink_count; i++) {
		const struct brink *brink = &process->brinks[i];
		json_t *row = json_object();
		json_object_set_new(
			row, "limit", brink->failed ? json_null() : string(brink->label));
		json_object_set_new(row, brink->failed ? "requested_bytes" : "used_bytes",
			number(brink->used_bytes));
		if (!brink->failed)
			json_object_set_new(row, "limit_bytes", number(brink->limit_bytes));
		json_object_set_new(row, "after_seconds", seconds(brink->after_ns));
		json_object_set_new(row, "live", amount(&brink->live, "blocks"));
		json_array_append_new(json, row);
	}
	return json;
}

static json_t *process_threads(const struct process *process)
{
	json_t *json = json_array();

	for (size_t i = 0; i < process->thread_count; i++) {
		const struct thread *thread = &process->threads[i];
		json_t *row = json_object();
		json_object_set_new(row, "tid", json_integer(thread->tid));
		json_object_set_new(row, "name", string(thread->name));
		json_object_set_new(row, "threads", json_integer(thread->threads));
		json_object_set_new(row, "allocs", number(thread->allocs));
		json_object_set_new(row, "frees", number(thread->frees));
		json_array_append_new(json, row);
	}
	return json;
}

static json_t *snapshot(const struct process *process)
{
	if (process->snapshot_realtime_ns == 0)
		return json_null();
	json_t *json = json_object();
	json_object_set_new(json, "unix_seconds", seconds(process->snapshot_realtime_ns));
	json_object_set_new(json, "label",
		process->snapshot_label[0] ? string(process->snapshot_label) : json_null());
	return json;
}

static json_t *words(const char *const *words)
{
	json_t *json = json_array();

	for (; *words; words++)
		json_array_append_new(json, string(*words));
	return json;
}

static json_t *process_check(const struct check *check)
{
	if (check == NULL)
		return json_null();
	json_t *json = json_object();
	json_object_set_new(json, "done", json_boolean(check->done));
	json_object_set_new(json, "failure", string(check->failure));
	if (!check->done)
		return json;
	json_object_set_new(json, "trigger", string(check->trigger));
	json_object_set_new(json, "after_seconds", seconds(check->after_ns));
	json_object_set_new(json, "age_seconds", seconds(check->age_ns));
	json_object_set_new(json, "pause_us", number(check->pause_ns / 1000));
	json_object_set_new(json, "scan_us", number(check->scan_ns / 1000));
	json_object_set_new(json, "root_bytes", number(check->root_bytes));
	json_object_set_new(json, "block_bytes", number(check->block_bytes));
	json_object_set_new(json, "unreadable_bytes", number(check->unreadable_bytes));
	json_object_set_new(json, "unsure", json_boolean(check->unsure));
	json_object_set_new(json, "scan_memory_bytes", number(check->scan_memory_bytes));
	json_object_set_new(json, "threads", number(check->threads));
	json_object_set_new(json, "unmet_threads", number(check->unmet_threads));
	json_object_set_new(json, "left_out", words(check->left_out));
	json_object_set_new(json, "heuristics", words(check->heuristics));
	json_object_set_new(json, "newer", amount(&check->newer, "blocks"));
	json_object_set_new(json, "unnamed", amount(&check->unnamed, "blocks"));
	return json;
}

static json_t *process_json(const struct model *model, const struct process *process)
{
	json_t *json = json_object(), *args = json_array(), *part;

	json_object_set_new(json, "pid", json_integer(process->pid));
	json_object_set_new(json, "ppid", json_integer(process->ppid));
	json_object_set_new(json, "exe", string(process->exe));
	for (char **arg = process->args; *arg; arg++)
		json_array_append_new(args, string(*arg));
	json_object_set_new(json, "args", args);
	json_object_set_new(json, "state", string(model_state_names[process->state]));
	json_object_set_new(json, "exit_status",
		process->has_exit_status ? json_integer(process->exit_status) : json_null());
	json_object_set_new(
		json, "signal", process->signal ? json_integer(process->signal) : json_null());
	json_object_set_new(json, "fault_address",
		process->has_fault_address ? number(process->fault_address) : json_null());
	json_object_set_new(json, "forked", json_boolean(process->forked));
	json_object_set_new(json, "image", string(process->image));
	json_object_set_new(json, "core", string(process->core));
	json_object_set_new(json, "started", instant(process->start_realtime_ns));
	json_object_set_new(json, "snapshot", snapshot(process));
	json_object_set_new(json, "run_seconds", seconds(process->run_ns));
	json_object_set_new(json, "totals", process_totals(process));
	json_object_set_new(json, "live", amount(&process->live, "blocks"));

	part = json_object();
	for (size_t i = 0; i < CLASS_COUNT; i++)
		json_object_set_new(
			part, model_class_names[i], amount(&process->classes[i], "blocks"));
	json_object_set_new(json, "classes", part);
	json_object_set_new(json, "check", process_check(process->check));
	part = json_object();
	for (enum site_kind kind = KIND_MMAP; kind <= KIND_SHM; kind++)
		json_object_set_new(
			part, model_kind_names[kind], amount(&process->regions[kind], "count"));
	json_object_set_new(json, "regions", part);
	json_object_set_new(json, "not_recorded", process_lost(process));
	part = json_object();
	json_object_set_new(part, "image_bytes", number(process->image_bytes));
	json_object_set_new(json, "self", part);
	json_object_set_new(json, "threads", process_threads(process));
	json_object_set_new(json, "failed_allocs", number(process->failed_allocs));
	json_object_set_new(json, "on_the_brink", process_brinks(process));
	render_json_core(json, model, process);
	return json;
}

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

static json_t *site_json(const struct model *model, const struct site *site, const size_t *numbers)
{
	json_t *json = json_object(), *part = json_array();
	char id[17];
	bool cut = false;

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
	part = json_array();
	for (size_t i = 0; i < site->thread_count; i++)
		json_array_append_new(part, string(site->threads[i]));
	json_object_set_new(json, "threads", part);
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

static json_t *used_json(const struct used_suppression *used)
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

/* One element a line: a report of ten thousand sites stays greppable and is never one tree. */
static void write_element(json_t *json, bool first, FILE *out)
{
	fputs(first ? "\n" : ",\n", out);
	json_dumpf(json, out, JSON_COMPACT | JSON_REAL_PRECISION(15));
	json_decref(json);
}

static void write_comparison(const struct comparison *comparison, FILE *out)
{
	json_t *json = json_object();

	json_object_set_new(json, "new", number(comparison->added));
	json_object_set_new(json, "grown", number(comparison->grown));
	json_object_set_new(json, "known", number(comparison->known));
	json_object_set_new(json, "gone", number(comparison->gone));
	json_dumpf(json, out, JSON_COMPACT);
	json_decref(json);
}

static void render(const struct model *model, const struct render_options *options, FILE *out)
{
	bool first = true, grouped = strcmp(options->group, "site") != 0;
	json_t *text = string(model->verdict.line);
	size_t *numbers = number_sites(model);

	fputs("{\"schema\":\"leak-report/1\",\n\"verdict\":", out);
	json_dumpf(text, out, JSON_COMPACT | JSON_ENCODE_ANY);
	json_decref(text);
	if (model->comparison.done) {
		fputs(",\n\"baseline\":", out);
		write_comparison(&model->comparison, out);
	}
	fputs(options->members ? options->members : "", out);
	fputs(",\n\"processes\":[", out);
	for (size_t i = 0; i < model->process_count; i++)
		write_element(process_json(model, &model->processes[i]), i == 0, out);
	fputs("],\n\"sites\":[", out);
	for (size_t i = 0; i < model->row_count; i++) {
		if (!model->rows[i].shown || grouped)
			continue;
		write_element(site_json(model, model->rows[i].site, numbers), first, out);
		first = false;
	}
	if (grouped) {
		fputs("],\n\"groups\":[", out);
		for (size_t i = 0; i < model->row_count; i++) {
			if (!model->rows[i].shown)
				continue;
			write_element(group_json(&model->rows[i]), first, out);
			first = false;
		}
	}
	first = true;
	fputs("],\n\"suppressions\":[", out);
	for (size_t i = 0; i < model->used_count; i++, first = false)
		write_element(used_json(&model->used[i]), first, out);
	fputs("]}\n", out);
	free(numbers);
}

const struct render_format render_json = {
	.name = "json",
	.help = "the report for machines (schema leak-report/1)",
	.all_sites = true,
	.render = render,
};
