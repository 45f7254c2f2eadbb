/*
 * The report as one HTML file: a page that needs no network and no server. Called through the table
 * in render.c. The page itself (page/) is in the program, see render_page.h; what it shows is
 * packed into it as JSON: every call site, whatever its class, for the reader to choose from. Where
 * no script may run, as in the previews of some CI systems, the report for people stands in its
 * place.
 *
 * The data (schema leak-page/1) is of no other use: each call site has the number of its innermost
 * frame, frames are a tree as in the model, and texts are kept once.
 */
#include "render_formats.h"

#include "memory.h"
#include "render_json.h"
#include "render_page.h"
#include "render_table.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Texts are in the page once each. Number 0 is no text. */
static size_t text_number(struct render_table *texts, const char *text)
{
	return text ? render_table_add_text(texts, text) + 1 : 0;
}

static void write_texts(const struct render_table *texts, FILE *out)
{
	fputs(",\n\"texts\":[null", out);
	for (size_t i = 0; i < texts->count; i++) {
		putc(',', out);
		render_json_value(string(render_table_text(texts, i)), out);
	}
	fputs("]", out);
}

/* How a location is told from others of its frame. */
enum location_flag { LOCATION_OWN = 1, LOCATION_INLINED = 2 };

/* [parent, module, flags, offset, then for each location function, file, line, directory, flags] */
static void write_frame(
	const struct model *model, const struct frame *frame, struct render_table *texts, FILE *out)
{
	const struct module *module = &model->modules[frame->module];
	size_t count = frame->symbol ? frame->symbol->count : 0;

	fprintf(out, "[%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRIu64, frame->parent, frame->module,
		frame->flags, frame->offset);
	for (size_t i = 0; i < count; i++) {
		const struct location *location = &frame->symbol->locations[i];
		fprintf(out, ",%zu,%zu,%" PRIu32 ",%zu,%d", text_number(texts, location->function),
			text_number(texts, location->file), location->line,
			text_number(texts, location->directory),
			(model_is_own(module, location) ? LOCATION_OWN : 0) |
				(location->inlined ? LOCATION_INLINED : 0));
	}
	putc(']', out);
}

/* Whether a call site is in the page: not those that --filter leaves out, nor what went with exec.
 */
static bool is_there(const struct site *site)
{
	return !site->left_out && !site->replaced;
}

/* Numbers stay those of the model; frames of no call site in the page are 0. */
static void write_frames(const struct model *model, struct render_table *texts, FILE *out)
{
	bool *used = memory_zero(model->frame_count + 1, sizeof(*used));

	for (size_t i = 0; i < model->site_count; i++) {
		uint32_t number = is_there(&model->sites[i]) ? model->sites[i].frame : 0;
		for (; number && !used[number]; number = model->frames[number].parent)
			used[number] = true;
	}
	fputs(",\n\"frames\":[0", out);
	for (size_t i = 1; i < model->frame_count; i++) {
		fputs(i % 16 ? "," : ",\n", out);
		if (used[i])
			write_frame(model, &model->frames[i], texts, out);
		else
			putc('0', out);
	}
	putc(']', out);
	free(used);
}

static const char *symbols_word(enum symbols_state symbols)
{
	static const char *const words[] = {
		[SYMBOLS_UNTRIED] = NULL,
		[SYMBOLS_FOUND] = NULL,
		[SYMBOLS_NONE] = "none",
		[SYMBOLS_MISSING] = "missing",
		[SYMBOLS_CHANGED] = "changed",
		[SYMBOLS_UNSURE] = "unsure",
		[SYMBOLS_BROKEN] = "broken",
	};

	return words[symbols];
}

static void write_modules(const struct model *model, FILE *out)
{
	fputs(",\n\"modules\":[null", out);
	for (size_t i = 1; i < model->module_count; i++) {
		const struct module *module = &model->modules[i];
		json_t *json = json_object();
		json_object_set_new(json, "path", string(module->path));
		json_object_set_new(json, "name", string(module->name));
		json_object_set_new(json, "own", json_boolean(module->own));
		json_object_set_new(json, "symbols", string(symbols_word(module->symbols)));
		render_json_element(json, false, out);
	}
	putc(']', out);
}

struct part {
	size_t place;
	struct amount live;
};

static int by_place(const void *a, const void *b)
{
	const struct part *one = a, *other = b;

	return one->place < other->place ? -1 : one->place > other->place;
}

/* What each process has of a site: how many processes further on, bytes, blocks, again and again.
 * Sites of thousands of processes pack well so. */
static json_t *shares_json(const struct site *site, const size_t *places)
{
	struct part *parts = memory_zero(site->share_count, sizeof(*parts));
	json_t *json = json_array();
	size_t last = 0;

	for (size_t i = 0; i < site->share_count; i++)
		parts[i] = (struct part){places[site->shares[i].process], site->shares[i].live};
	qsort(parts, site->share_count, sizeof(*parts), by_place);
	for (size_t i = 0; i < site->share_count; i++) {
		json_array_append_new(json, number(parts[i].place - last));
		json_array_append_new(json, number(parts[i].live.bytes));
		json_array_append_new(json, number(parts[i].live.blocks));
		last = parts[i].place;
	}
	free(parts);
	return json;
}

static void write_sites(const struct model *model, FILE *out)
{
	size_t *numbers = memory_zero(model->site_count + 1, sizeof(*numbers)), count = 0;
	size_t *places = render_json_places(model);
	bool first = true;

	for (size_t i = 0; i < model->site_count; i++)
		if (is_there(&model->sites[i]))
			numbers[i] = ++count;
	fputs(",\n\"sites\":[", out);
	for (size_t i = 0; i < model->site_count; i++) {
		const struct site *site = &model->sites[i];
		size_t index = 0;
		if (!is_there(site))
			continue;
		json_t *json = render_json_site(site, numbers, places), *focus = json_array();
		json_object_set_new(json, "frame", number(site->frame));
		json_array_append_new(focus, number(model_site_focus(model, site, &index)));
		json_array_append_new(focus, number(index));
		json_object_set_new(json, "focus", focus);
		if (site->share_count > 1)
			json_object_set_new(json, "shares", shares_json(site, places));
		render_json_element(json, first, out);
		first = false;
	}
	putc(']', out);
	free(numbers);
	free(places);
}

/* What of the model's classes is shown first. */
static void write_kinds(const struct model *model, FILE *out)
{
	json_t *json = json_array();

	for (size_t i = 0; i < CLASS_COUNT; i++)
		if (model->scope.kinds & CLASS_BIT(i))
			json_array_append_new(json, string(model_class_names[i]));
	fputs(",\n\"kinds\":", out);
	render_json_value(json, out);
}

/* What each count of not_recorded means; the same for all processes. */
static void write_meanings(const struct model *model, FILE *out)
{
	json_t *json = json_object();

	for (size_t i = 0; model->process_count && i < model->processes[0].lost_count; i++)
		json_object_set_new(json, model->processes[0].lost[i].name,
			string(model->processes[0].lost[i].text));
	fputs(",\n\"meanings\":", out);
	render_json_value(json, out);
}

static void write_data(const struct model *model, FILE *out)
{
	struct render_table texts = {0};

	fputs("{\"schema\":\"leak-page/1\",\n\"version\":\"" LEAK_VERSION "\",\n\"verdict\":", out);
	render_json_value(string(model->verdict.line), out);
	fprintf(out, ",\n\"classified\":%s", model_is_classified(model) ? "true" : "false");
	fprintf(out, ",\n\"compared\":%s", model->comparison.done ? "true" : "false");
	write_kinds(model, out);
	write_meanings(model, out);
	fputs(",\n\"processes\":[", out);
	for (size_t i = 0; i < model->process_count; i++)
		render_json_element(render_json_process(model, &model->processes[i]), i == 0, out);
	fputs("],\n\"suppressions\":[", out);
	for (size_t i = 0; i < model->used_count; i++)
		render_json_element(render_json_used(&model->used[i]), i == 0, out);
	putc(']', out);
	write_modules(model, out);
	write_sites(model, out);
	write_frames(model, &texts, out);
	write_texts(&texts, out);
	render_table_free(&texts);
	fputs("}\n", out);
}

#define ROWS_IN_TEXT 10 /* of each section, as at a terminal */

/* The report for people, with the worst rows only. */
static void write_text(const struct model *model, FILE *out)
{
	struct model worst = *model;
	size_t shown[SECTION_COUNT] = {0};
	const struct render_options options = {
		.quiet = true, .group = "site", .next = NULL, .width = 100};

	worst.rows = memory_zero(model->row_count + 1, sizeof(*worst.rows));
	for (size_t i = 0; i < model->row_count; i++) {
		worst.rows[i] = model->rows[i];
		worst.rows[i].shown =
			model->rows[i].shown && shown[model->rows[i].section]++ < ROWS_IN_TEXT;
	}
	render_text.render(&worst, &options, out);
	free(worst.rows);
}

static void render(const struct model *model, const struct render_options *options, FILE *out)
{
	const char *program = model->process_count == 1 ? text_basename(model->processes[0].exe)
							: "several processes";
	struct render_page page = {.title = memory_join(program, " - leak", "")};
	FILE *text = memory_stream(&page.text, &page.text_size);
	FILE *data = memory_stream(&page.data, &page.data_size);

	(void)options;
	write_text(model, text);
	write_data(model, data);
	memory_stream_end(text);
	memory_stream_end(data);
	render_page_write(&page, out);
	free(page.title);
	free(page.text);
	free(page.data);
}

const struct render_format render_html = {
	.name = "html",
	.help = "one page for a browser, with every call site and a flame graph",
	.all_sites = true,
	.only_sites = true,
	.kinds = CLASSES_SUSPECT,
	.render = render,
};
