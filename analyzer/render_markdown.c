/*
 * A summary in Markdown, as GitHub shows it for a step and other systems in a comment: the verdict,
 * a table of the worst call sites, their stacks to unfold. Called through the table in render.c.
 * Names stand in HTML with every sign of Markdown as a number, so none can mean anything.
 */
#include "render_formats.h"

#include "memory.h"
#include "render_site.h"
#include "text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SITES_MAX 100 /* a summary holds 1 MiB */
#define STACKS_MAX 20
#define STACK_DEPTH 50
#define COLUMNS 200 /* of a function's name; templates may fill a page */

static bool is_plain(unsigned char c)
{
	return isalnum(c) || c >= 0x80 || strchr(" /.,()\n", c);
}

/* `text` is escaped for a terminal already; its newlines are meant. */
static void write_plain(FILE *out, const char *text)
{
	for (const char *c = text; *c; c++)
		if (is_plain((unsigned char)*c))
			putc(*c, out);
		else
			fprintf(out, "&#%d;", (unsigned char)*c);
}

static void write_line(FILE *out, const char *line)
{
	char *text = text_escape(line);

	write_plain(out, text);
	free(text);
}

/* Gives the place a name of its own for its function that is short enough, which is returned for
 * the caller to free. */
static char *shorten_function(struct render_place *place)
{
	char *name = text_escape(place->function ? place->function : "???");

	text_shorten_function(name, COLUMNS);
	place->function = name;
	return name;
}

static void write_row(const struct model *model, const struct row *row, const char *root, FILE *out)
{
	const struct site *site = row->site;
	struct render_place place = render_place_of_site(model, site, root);
	char bytes[TEXT_SMALL], blocks[TEXT_SMALL], *where = render_place_text(&place);
	char *function = shorten_function(&place);

	fprintf(out, "| %s%s%s | %s | %s | <code>",
		model_baseline_names[site->baseline] ? model_baseline_names[site->baseline] : "",
		model_baseline_names[site->baseline] ? ": " : "",
		site->class == CLASS_UNKNOWN ? "not freed" : model_class_words[site->class],
		text_bytes_short(bytes, site->live.bytes + site->indirect.bytes),
		text_count(blocks, site->live.blocks + site->indirect.blocks));
	write_plain(out, function);
	fputs("</code> | ", out);
	write_line(out, where);
	fprintf(out, " | %08" PRIx64 " |\n", site->fingerprint >> 32);
	free(where);
	free(function);
	render_place_free(&place);
}

static void write_stack(
	const struct model *model, const struct site *site, const char *root, FILE *out)
{
	struct render_place place = render_place_of_site(model, site, root);
	char *function = place.function ? shorten_function(&place) : NULL;
	char *message = render_message(site, &place);
	char *stack = render_stack(model, site, root, STACK_DEPTH);

	fputs("\n<details><summary>", out);
	write_line(out, message);
	fputs("</summary>\n<pre>", out);
	write_plain(out, stack);
	fputs("</pre>\n</details>\n", out);
	free(stack);
	free(message);
	free(function);
	render_place_free(&place);
}

static bool is_listed(const struct row *row)
{
	return render_is_defect(row) && row->site->class != CLASS_SUPPRESSED;
}

/* Runs of what is suppressed are one line. */
static void write_suppressed(const struct model *model, FILE *out)
{
	struct amount sum = {0};
	char bytes[TEXT_SMALL], blocks[TEXT_SMALL];
	size_t sites = 0;

	for (size_t i = 0; i < model->row_count; i++) {
		const struct row *row = &model->rows[i];
		if (!render_is_defect(row) || is_listed(row))
			continue;
		sum.bytes += row->live.bytes;
		sum.blocks += row->live.blocks;
		sites++;
	}
	if (sites)
		fprintf(out, "\nSuppressed: %s in %s %s at %zu call %s.\n",
			text_bytes(bytes, sum.bytes), text_count(blocks, sum.blocks),
			text_plural(sum.blocks, "block", "blocks"), sites,
			text_plural(sites, "site", "sites"));
}

static void render(const struct model *model, const struct render_options *options, FILE *out)
{
	size_t listed = 0, stacks = 0;

	fputs("### leak\n\n**", out);
	write_line(out, model->verdict.line);
	fputs("**\n", out);
	for (size_t i = 0; i < model->row_count; i++) {
		if (!is_listed(&model->rows[i]))
			continue;
		if (listed == 0)
			fputs("\n| class | bytes | blocks | allocated in | at | id |\n"
			      "|---|---:|---:|---|---|---|\n",
				out);
		if (listed++ < SITES_MAX)
			write_row(model, &model->rows[i], options->source_root, out);
	}
	if (listed > SITES_MAX)
		fprintf(out, "\nAnd %zu more call sites.\n", listed - SITES_MAX);
	write_suppressed(model, out);
	for (size_t i = 0; i < model->row_count && stacks < STACKS_MAX; i++)
		if (is_listed(&model->rows[i]) && model->rows[i].site->frame) {
			write_stack(model, model->rows[i].site, options->source_root, out);
			stacks++;
		}
}

const struct render_format render_markdown = {
	.name = "markdown",
	.help = "a summary for a step of GitHub Actions, or a comment",
	.all_sites = true,
	.only_sites = true,
	.kinds = CLASSES_SUSPECT,
	.render = render,
};
