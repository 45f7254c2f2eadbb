/*
 * Workflow commands that GitHub Actions turns into annotations of the source. Called through the
 * table in render.c. GitHub shows ten of each type and step, so no more are written, and a last
 * line counts them all. What is suppressed is left out, and what is in the baseline.
 */
#define _GNU_SOURCE
#include "render_formats.h"

#include "memory.h"
#include "render_site.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

#define SHOWN_OF_TYPE 10
#define STACK_DEPTH 12

enum type { TYPE_ERROR, TYPE_WARNING, TYPE_NOTICE, TYPE_COUNT };

static const char *const type_names[TYPE_COUNT] = {"error", "warning", "notice"};

static enum type type_of(const struct site *site)
{
	return site->class == CLASS_DEFINITE   ? TYPE_ERROR
	       : site->class == CLASS_POSSIBLE ? TYPE_WARNING
	       : site->class == CLASS_UNKNOWN  ? TYPE_WARNING
					       : TYPE_NOTICE;
}

/* Escaped for a terminal, and without the beginning of a command in its old form, "##[", which may
 * stand anywhere in a line. For the caller to free. */
static char *harmless(const char *text)
{
	char *escaped = text_escape(text);

	for (char *c = escaped; (c = strstr(c, "##[")) != NULL;)
		c[1] = ' ';
	return escaped;
}

/* Data of a workflow command; of a property also what would end it. */
static void write_data(FILE *out, const char *text, bool property)
{
	for (const char *c = text; *c; c++)
		if (*c == '%' || *c == '\r' || *c == '\n' || (property && strchr(":,", *c)))
			fprintf(out, "%%%02X", (unsigned char)*c);
		else
			putc(*c, out);
}

static void write_property(FILE *out, const char *name, const char *value, const char *before)
{
	char *escaped = harmless(value);

	fprintf(out, "%s%s=", before, name);
	write_data(out, escaped, true);
	free(escaped);
}

static void write_place(FILE *out, const struct render_place *place)
{
	char line[16];

	if (place->file == NULL || !place->is_source)
		return;
	write_property(out, "file", place->file, " ");
	if (place->line == 0)
		return;
	snprintf(line, sizeof(line), "%u", place->line);
	write_property(out, "line", line, ",");
}

static void write_annotation(
	const struct model *model, const struct site *site, const char *root, FILE *out)
{
	struct render_place place = render_place_of_site(model, site, root);
	char *text = render_message(site, &place), *escaped = harmless(text);
	char *stack = render_stack(model, site, root, STACK_DEPTH);
	char bytes[TEXT_SMALL], *title;
	const char *where = place.function ? place.function : "unnamed code";

	title = memory_join("Leak of ", text_bytes(bytes, site->live.bytes), " in ");
	char *whole_title = memory_join(title, where, "");
	fprintf(out, "::%s", type_names[type_of(site)]);
	write_place(out, &place);
	write_property(out, "title", whole_title, place.file && place.is_source ? "," : " ");
	fputs("::", out);
	write_data(out, escaped, false);
	for (char *line = stack, *end; line && *line; line = end ? end + 1 : NULL) {
		if ((end = strchr(line, '\n')) != NULL)
			*end = '\0';
		char *safe = harmless(line);
		fputs("%0A", out);
		write_data(out, safe, false);
		free(safe);
	}
	putc('\n', out);
	free(whole_title);
	free(title);
	free(stack);
	free(escaped);
	free(text);
	render_place_free(&place);
}

static void render(const struct model *model, const struct render_options *options, FILE *out)
{
	size_t found[TYPE_COUNT] = {0}, all = 0, shown = 0, known = 0;

	for (size_t i = 0; i < model->row_count; i++) {
		const struct row *row = &model->rows[i];
		if (!render_is_defect(row) || row->site->class == CLASS_SUPPRESSED)
			continue;
		if (row->site->baseline == BASELINE_KNOWN) {
			known++;
			continue;
		}
		all++;
		if (found[type_of(row->site)]++ >= SHOWN_OF_TYPE)
			continue;
		shown++;
		write_annotation(model, row->site, options->source_root, out);
	}
	char *verdict = harmless(model->verdict.line);
	fprintf(out, "leak: %s", verdict);
	free(verdict);
	if (all > shown)
		fprintf(out, "; %zu of %zu call sites are annotated", shown, all);
	if (known)
		fprintf(out, "; %zu %s in the baseline", known, text_plural(known, "is", "are"));
	putc('\n', out);
}

const struct render_format render_github = {
	.name = "github",
	.help = "annotations for a step of GitHub Actions",
	.all_sites = true,
	.only_sites = true,
	.kinds = CLASSES_SUSPECT,
	.render = render,
};
