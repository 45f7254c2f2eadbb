/*
 * What valgrind's dh_view.html shows: DHAT's format, version 2. A program point is what a call site
 * has of one class. Called through the table in render.c. When blocks were allocated and how much
 * there was at most is known only for the whole program, so points have no lifetimes ("bklt"), and
 * the total, the one amount that is left then, is what was not freed. Suppressed sites are left
 * out.
 */
#define _GNU_SOURCE
#include "render_formats.h"

#include "memory.h"
#include "render_frame.h"
#include "render_json.h"
#include "render_past.h"
#include "render_table.h"
#include "text.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* The viewer refuses a stack that comes twice. */
struct point {
	uint32_t *stack; /* numbers of frames, innermost first */
	size_t depth;
	struct amount live;
};

struct writing {
	const struct model *model;
	struct render_table texts, stacks;
	struct point *points;
	size_t point_room;
	uint32_t *stack; /* being made */
	size_t stack_room, depth;
};

/* Takes `text` over, which has no control characters and is valid UTF-8. */
static void push(struct writing *writing, char *text)
{
	size_t number = render_table_add_text(&writing->texts, text);

	free(text);
	writing->stack = memory_grow(
		writing->stack, &writing->stack_room, writing->depth + 1, sizeof(*writing->stack));
	writing->stack[writing->depth++] = (uint32_t)number;
}

/* "0x1a2b: f (leak.c:9)", as valgrind has it; the address is that in the module. */
static void push_line(
	struct writing *writing, const struct frame *frame, const struct location *location)
{
	const struct module *module = &writing->model->modules[frame->module];
	char *file = render_frame_file(writing->model, frame, location);
	char *path = text_escape(module->path), *text = NULL;
	char *name = location && location->function ? text_escape(location->function)
						    : memory_copy("???");
	char line[16] = "";
	int length;

	if (file && location->line)
		snprintf(line, sizeof(line), ":%" PRIu32, location->line);
	if (file)
		length = asprintf(&text, "0x%" PRIX64 ": %s (%s%s)", frame->offset, name,
			text_basename(file), line);
	else
		length = asprintf(&text, "0x%" PRIX64 ": %s%s%s%s", frame->offset, name,
			frame->module ? " (in " : "", path, frame->module ? ")" : "");
	push(writing, length < 0 ? memory_copy("???") : text);
	free(name);
	free(path);
	free(file);
}

static void push_stack(struct writing *writing, const struct row *row)
{
	const struct site *site = row->site;

	writing->depth = 0;
	push(writing, row->kind == KIND_HEAP ? memory_join("[", model_class_words[site->class], "]")
					     : memory_copy("[still mapped]"));
	push(writing, text_escape(site->allocator));
	for (uint32_t number = site->frame; number;
		number = writing->model->frames[number].parent) {
		const struct frame *frame = &writing->model->frames[number];
		for (size_t i = 0; i < render_frame_lines(frame); i++)
			push_line(writing, frame, render_frame_line(frame, i));
	}
}

static void add_point(struct writing *writing, const struct row *row)
{
	bool is_new;

	push_stack(writing, row);
	size_t size = writing->depth * sizeof(*writing->stack);
	size_t number = render_table_add(&writing->stacks, writing->stack, size, &is_new);
	if (is_new) {
		writing->points = memory_grow(writing->points, &writing->point_room, number + 1,
			sizeof(*writing->points));
		writing->points[number] = (struct point){
			.stack = memory_resize(NULL, writing->depth, sizeof(*writing->stack)),
			.depth = writing->depth};
		memcpy(writing->points[number].stack, writing->stack, size);
	}
	writing->points[number].live.bytes += row->live.bytes;
	writing->points[number].live.blocks += row->live.blocks;
}

static void write_point(const struct point *point, FILE *out)
{
	fprintf(out, "{\"tb\":%" PRIu64 ",\"tbk\":%" PRIu64 ",\"fs\":[", point->live.bytes,
		point->live.blocks);
	for (size_t i = 0; i < point->depth; i++)
		fprintf(out, "%s%" PRIu32, i ? "," : "", point->stack[i]);
	fputs("]}", out);
}

/* The first process's command, and how many more there are. */
static json_t *command(const struct model *model)
{
	char *text;
	size_t size;
	FILE *out = memory_stream(&text, &size);
	json_t *json;

	for (char **arg = model->process_count ? model->processes[0].args : NULL; arg && *arg;
		arg++)
		fprintf(out, "%s%s", arg == model->processes[0].args ? "" : " ", *arg);
	if (model->process_count > 1)
		fprintf(out, " (and %zu more %s)", model->process_count - 1,
			text_plural(model->process_count - 1, "process", "processes"));
	memory_stream_end(out);
	json = string(text);
	free(text);
	return json;
}

static uint64_t longest_run_ns(const struct model *model)
{
	uint64_t longest = 0;

	for (size_t i = 0; i < model->process_count; i++)
		if (model->processes[i].run_ns > longest)
			longest = model->processes[i].run_ns;
	return longest;
}

static void write_json(json_t *json, FILE *out)
{
	json_dumpf(json, out, JSON_COMPACT | JSON_ENCODE_ANY);
	json_decref(json);
}

static void render(const struct model *model, const struct render_options *options, FILE *out)
{
	struct writing writing = {.model = model};

	(void)options;
	push(&writing, memory_copy("[root]"));
	for (size_t i = 0; i < model->row_count; i++)
		if (render_is_profiled(&model->rows[i]))
			add_point(&writing, &model->rows[i]);
	fputs("{\"dhatFileVersion\":2,\"mode\":\"leak\",\"verb\":\"Not freed\",\"bklt\":false,"
	      "\"bkacc\":false,\"tu\":\"µs\",\"Mtu\":\"s\",\n\"cmd\":",
		out);
	write_json(command(model), out);
	fprintf(out, ",\"pid\":%d,\"te\":%" PRIu64 ",\n\"pps\":[",
		model->process_count ? model->processes[0].pid : 0, longest_run_ns(model) / 1000);
	for (size_t i = 0; i < writing.stacks.count; i++) {
		fputs(i ? ",\n" : "\n", out);
		write_point(&writing.points[i], out);
		free(writing.points[i].stack);
	}
	fputs("],\n\"ftbl\":[", out);
	for (size_t i = 0; i < writing.texts.count; i++) {
		fputs(i ? ",\n" : "\n", out);
		write_json(string(render_table_text(&writing.texts, i)), out);
	}
	fputs("]}\n", out);
	render_table_free(&writing.texts);
	render_table_free(&writing.stacks);
	free(writing.points);
	free(writing.stack);
}

const struct render_format render_dhat = {
	.name = "dhat",
	.help = "for valgrind's dh_view.html",
	.all_sites = true,
	.only_sites = true,
	.render = render,
};
