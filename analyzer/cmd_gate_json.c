/*
 * The gate's result for machines: the member "gate" of the JSON report. Called by cmd_gate.c.
 */
#include "cmd_gate.h"

#include "memory.h"
#include "render_json.h"

#include <stdlib.h>

/* null: the baseline has nothing to compare with */
static json_t *measured(const struct gate_limit *limit)
{
	if (limit->measure == GATE_INCREASE && limit->measured >= GATE_FROM_NOTHING)
		return json_null();
	return json_real(limit->measured);
}

static json_t *limits_json(const struct gate *gate)
{
	json_t *json = json_array();

	for (size_t i = 0; i < gate->count; i++) {
		const struct gate_limit *limit = &gate->limits[i];
		json_t *row = json_object();
		json_object_set_new(row, "limit", string(limit->text));
		json_object_set_new(row, "over", json_boolean(limit->is_over));
		json_object_set_new(row, "measured", measured(limit));
		json_object_set_new(row, "sites", number(limit->sites));
		json_array_append_new(json, row);
	}
	return json;
}

static json_t *missing_json(const struct unmeasured_list *missing)
{
	json_t *json = json_array();

	for (size_t i = 0; i < missing->count; i++) {
		const struct unmeasured *item = &missing->items[i];
		json_t *row = json_object();
		json_object_set_new(row, "program", string(item->program));
		json_object_set_new(row, "pid", json_integer(item->pid));
		json_object_set_new(row, "reason", string(item->reason));
		json_array_append_new(json, row);
	}
	return json;
}

static json_t *unjudged_pids(const struct cmd_gate *gate, const struct model *model)
{
	json_t *json = json_array();

	for (size_t i = 0; i < model->process_count; i++) {
		const struct process *process = &model->processes[i];
		if (cmd_gate_view(gate, process) == GATE_UNJUDGED)
			json_array_append_new(json, json_integer(process->pid));
	}
	return json;
}

char *cmd_gate_json(const struct cmd_gate *gate, const struct cmd_model *loaded)
{
	json_t *json = json_object();

	json_object_set_new(json, "pass", json_boolean(gate->pass));
	json_object_set_new(json, "limits", limits_json(&gate->gate));
	json_object_set_new(json, "judged_processes", number(gate->judged));
	json_object_set_new(json, "unjudged_processes", number(gate->unjudged));
	json_object_set_new(json, "unjudged_pids", unjudged_pids(gate, &loaded->model));
	json_object_set_new(json, "not_measured", missing_json(&gate->missing));
	char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(15));
	char *member = text ? memory_join(",\n\"gate\":", text, "") : NULL;
	json_decref(json);
	free(text);
	return member;
}
