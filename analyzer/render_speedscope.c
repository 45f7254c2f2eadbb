/*
 * speedscope's own format: a profile for each class, a sample for each call site, weighted by live
 * bytes. Called through the table in render.c. The frames, which samples refer to by number, come
 * last: what is written as it goes need not be kept. Suppressed sites are left out.
 */
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

struct writing {
	const struct model *model;
	FILE *out;
	struct render_table texts; /* of the frames, as JSON */
	uint32_t *path;            /* numbers of the frames of one stack, innermost first */
	size_t path_room, depth;
};

static void push(struct writing *writing, const char *name, const char *file, uint32_t line)
{
	json_t *json = json_object();

	json_object_set_new(json, "name", string(name));
	if (file)
		json_object_set_new(json, "file", string(file));
	if (file && line)
		json_object_set_new(json, "line", json_integer(line));
	char *text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	if (text == NULL)
		return;
	size_t number = render_table_add_text(&writing->texts, text);
	free(text);
	writing->path = memory_grow(
		writing->path, &writing->path_room, writing->depth + 1, sizeof(*writing->path));
	writing->path[writing->depth++] = (uint32_t)number;
}

static void push_frame(struct writing *writing, const struct frame *frame)
{
	for (size_t i = 0; i < render_frame_lines(frame); i++) {
		const struct location *location = render_frame_line(frame, i);
		char *name = render_frame_name(writing->model, frame, location);
		char *file = render_frame_file(writing->model, frame, location);
		push(writing, name, file, location ? location->line : 0);
		free(name);
		free(file);
	}
}

static void write_sample(struct writing *writing, const struct site *site)
{
	writing->depth = 0;
	push(writing, site->allocator, NULL, 0);
	for (uint32_t number = site->frame; number; number = writing->model->frames[number].parent)
		push_frame(writing, &writing->model->frames[number]);
	for (size_t i = writing->depth; i-- > 0;)
		fprintf(writing->out, "%s%" PRIu32, i + 1 == writing->depth ? "[" : ",",
			writing->path[i]);
	putc(']', writing->out);
}

static const char *title(const struct row *row)
{
	return row->kind == KIND_HEAP ? model_class_words[row->site->class] : "still mapped";
}

/* The rows of one section, from `first` to before `end`; none of them: an empty profile. */
static void write_profile(
	struct writing *writing, const struct row *const *rows, size_t first, size_t end)
{
	FILE *out = writing->out;
	uint64_t sum = 0;

	for (size_t i = first; i < end; i++)
		sum += rows[i]->live.bytes;
	fprintf(out,
		"{\"type\":\"sampled\",\"name\":\"%s\",\"unit\":\"bytes\",\"startValue\":0,"
		"\"endValue\":%" PRIu64 ",\n\"samples\":[",
		first < end ? title(rows[first]) : "nothing", sum);
	for (size_t i = first; i < end; i++) {
		fputs(i > first ? ",\n" : "\n", out);
		write_sample(writing, rows[i]->site);
	}
	fputs("],\n\"weights\":[", out);
	for (size_t i = first; i < end; i++)
		fprintf(out, "%s%" PRIu64, i > first ? "," : "", rows[i]->live.bytes);
	fputs("]}", out);
}

/* Rows come section by section. */
static void write_profiles(struct writing *writing)
{
	const struct model *model = writing->model;
	const struct row **rows = memory_zero(model->row_count, sizeof(*rows));
	size_t count = 0, first = 0;

	for (size_t i = 0; i < model->row_count; i++)
		if (render_is_profiled(&model->rows[i]))
			rows[count++] = &model->rows[i];
	for (size_t i = 1; i <= count; i++) {
		if (i < count && rows[i]->section == rows[first]->section)
			continue;
		fputs(first ? ",\n" : "\n", writing->out);
		write_profile(writing, rows, first, i);
		first = i;
	}
	if (count == 0)
		write_profile(writing, rows, 0, 0);
	free(rows);
}

static void render(const struct model *model, const struct render_options *options, FILE *out)
{
	struct writing writing = {.model = model, .out = out};
	const char *exe = model->process_count ? model->processes[0].exe : "";
	json_t *name = string(text_basename(exe));

	(void)options;
	fputs("{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",\n"
	      "\"exporter\":\"leak@" LEAK_VERSION "\",\n\"name\":",
		out);
	json_dumpf(name, out, JSON_COMPACT | JSON_ENCODE_ANY);
	json_decref(name);
	fputs(",\n\"profiles\":[", out);
	write_profiles(&writing);
	fputs("],\n\"shared\":{\"frames\":[", out);
	for (size_t i = 0; i < writing.texts.count; i++)
		fprintf(out, "%s\n%s", i ? "," : "", render_table_text(&writing.texts, i));
	fputs("]}}\n", out);
	render_table_free(&writing.texts);
	free(writing.path);
}

const struct render_format render_speedscope = {
	.name = "speedscope",
	.help = "for speedscope, a profile for each class",
	.all_sites = true,
	.only_sites = true,
	.render = render,
};
