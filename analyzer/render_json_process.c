/*
 * A process of the JSON report: who it was, how it ended, its totals, its check, what was not
 * recorded. Called by render_json.c and render_html.c.
 */
#include "render_json.h"

#include "render_json_core.h"

#include <stdio.h>
#include <time.h>

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

json_t *render_json_process(const struct model *model, const struct process *process)
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
