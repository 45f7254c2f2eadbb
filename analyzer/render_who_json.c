/* Paths for machines: schema leak-who-points/1. Fields may be added, none renamed. */
#include "render_json.h"
#include "render_who.h"

/* Addresses are text: not all of them are JSON's integers. */
static json_t *address(uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)value);
	return json_string(text);
}

static json_t *frames(const struct model *model, uint32_t frame)
{
	bool cut = false;

	return render_json_frames(model, frame, &cut);
}

static json_t *root_json(const struct model *model, const struct path_root *root)
{
	json_t *json = json_object(), *thread = json_null();

	if (root->tid) {
		thread = json_object();
		json_object_set_new(thread, "tid", json_integer(root->tid));
		json_object_set_new(thread, "name", string(root->thread));
	}
	json_object_set_new(json, "kind", string(model_root_names[root->kind]));
	json_object_set_new(json, "address", root->address ? address(root->address) : json_null());
	json_object_set_new(json, "thread", thread);
	json_object_set_new(json, "register", string(root->register_name));
	json_object_set_new(json, "module",
		root->module ? string(model->modules[root->module].path) : json_null());
	json_object_set_new(json, "variable", string(root->variable));
	json_object_set_new(json, "section", string(root->section));
	json_object_set_new(json, "offset",
		number(root->variable || root->section ? root->variable_offset : root->offset));
	json_object_set_new(json, "frames", frames(model, root->frame));
	return json;
}

static json_t *step_json(const struct model *model, const struct path_step *step)
{
	json_t *json = json_object();

	json_object_set_new(json, "left_out", json_boolean(step->left_out));
	json_object_set_new(json, "blocks", number(step->count));
	if (step->left_out)
		return json;
	json_object_set_new(json, "address", address(step->address));
	json_object_set_new(json, "size", number(step->size));
	json_object_set_new(json, "offset", number(step->offset));
	json_object_set_new(json, "into", number(step->into));
	json_object_set_new(json, "several_offsets", json_boolean(step->several_offsets));
	json_object_set_new(json, "several_sizes", json_boolean(step->several_sizes));
	json_object_set_new(json, "frames", frames(model, step->frame));
	return json;
}

static json_t *path_json(const struct model *model, const struct who_row *row)
{
	const struct path *path = row->path;
	json_t *json = json_object(), *steps = json_array();

	json_object_set_new(json, "number", number(row->number));
	json_object_set_new(json, "pid", json_integer(path->pid));
	json_object_set_new(json, "class", string(model_class_names[path->class]));
	json_object_set_new(json, "live",
		path->site == SIZE_MAX ? json_null()
				       : amount(&model->sites[path->site].live, "blocks"));
	json_object_set_new(json, "address", address(path->address));
	json_object_set_new(json, "size", number(path->size));
	json_object_set_new(json, "into", number(path->into));
	json_object_set_new(json, "frames", frames(model, path->frame));
	json_object_set_new(json, "kept_by", root_json(model, &path->root));
	for (size_t i = 0; i < path->step_count; i++)
		json_array_append_new(steps, step_json(model, &path->steps[i]));
	json_object_set_new(json, "steps", steps);
	return json;
}

void render_who_json(const struct model *model, const struct who *who, FILE *out)
{
	json_t *json = json_object(), *processes = json_array(), *paths = json_array();

	for (size_t i = 0; i < model->process_count; i++) {
		const struct process *process = &model->processes[i];
		json_t *row = json_object();
		json_object_set_new(row, "pid", json_integer(process->pid));
		json_object_set_new(row, "exe", string(process->exe));
		json_object_set_new(row, "image", string(process->image));
		json_object_set_new(row, "core", string(process->core));
		json_object_set_new(
			row, "cut_paths", number(process->check ? process->check->cut_paths : 0));
		json_array_append_new(processes, row);
	}
	for (size_t i = 0; i < who->count; i++)
		json_array_append_new(paths, path_json(model, &who->rows[i]));
	json_object_set_new(json, "schema", json_string("leak-who-points/1"));
	json_object_set_new(json, "processes", processes);
	json_object_set_new(json, "note", string(who->note));
	json_object_set_new(json, "left_out", number(who->left_out));
	json_object_set_new(json, "paths", paths);
	json_dumpf(json, out, JSON_INDENT(2));
	putc('\n', out);
	json_decref(json);
}
