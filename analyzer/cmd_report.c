/*
 * `leak report`: images to model to report. The pipeline of the analyzer stands here from top to
 * bottom: load, rank, symbolize what will be shown, select, verdict, render.
 */
#define _GNU_SOURCE
#include "command.h"

#include "aggregate.h"
#include "fingerprint.h"
#include "image_list.h"
#include "load_image.h"
#include "memory.h"
#include "merge_sites.h"
#include "render.h"
#include "symbolize.h"
#include "text.h"
#include "verdict.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TOP_FOR_PEOPLE 10
#define MERGE_LIMIT 2000 /* sites that are all named and merged even when few are shown */

/* The columns to stay within; 0 (no limit) when the output is not a terminal. */
static int output_width(int fd)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS");
	int width = columns ? atoi(columns) : 0;

	if (width > 0)
		return width < 40 ? 40 : width;
	if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return 0;
	return size.ws_col < 40 ? 40 : size.ws_col;
}

/* The operands as typed, quoted where a shell needs it; for the caller to free. */
static char *quoted_operands(const struct image_list *list)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._-/+@%:,=";
	size_t size = 64;
	char *text, *out;

	if (list->count > 3)
		return memory_copy("…");
	for (size_t i = 0; i < list->count; i++)
		size += strlen(list->paths[i]) * 16 + 4;
	text = out = memory_zero(size, 1);
	for (size_t i = 0; i < list->count; i++) {
		char *escaped = text_escape(list->paths[i]);
		bool quote = escaped[strspn(escaped, plain)] != '\0' || escaped[0] == '\0';
		out += sprintf(out, "%s%s", i ? " " : "", quote ? "'" : "");
		for (const char *c = escaped; *c; c++)
			out += *c == '\'' ? sprintf(out, "'\\''") : sprintf(out, "%c", *c);
		out += sprintf(out, "%s", quote ? "'" : "");
		free(escaped);
	}
	return text;
}

/* Loads every image; one that cannot be read is said and skipped, a truncated one is said and used.
 * Returns how many of either there were. */
static size_t load_all(struct model *model, const struct image_list *list,
	const struct settings *settings, struct progress *progress)
{
	struct load_options options = {.older_ns = settings->older_ns, .progress = progress};
	struct error error;
	size_t failed = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (load_image(model, list->paths[i], &options, &error) < 0) {
			progress_end(progress);
			command_complain(list->paths[i], error.text);
			failed++;
			continue;
		}
		const struct process *process = &model->processes[model->process_count - 1];
		if (process->readable_bytes < process->wanted_bytes) {
			progress_end(progress);
			error_set(&error,
				"the image is truncated (%llu of %llu bytes are there), so the "
				"report is incomplete; copy it again, or record again",
				(unsigned long long)process->readable_bytes,
				(unsigned long long)process->wanted_bytes);
			command_complain(list->paths[i], error.text);
			failed++;
		}
	}
	model->older_ns = settings->older_ns;
	return failed;
}

static void symbolize_rows(
	struct model *model, struct symbolizer *symbolizer, bool all, struct progress *progress)
{
	for (size_t i = 0; i < model->row_count; i++) {
		if (all || model->rows[i].shown)
			symbolize_site(symbolizer, model->rows[i].site);
		progress_step(progress, "finding names", i, model->row_count);
	}
}

/* Fingerprints are for shown sites: the rows point into the model's sites. */
static void fingerprint_rows(struct model *model)
{
	for (size_t i = 0; i < model->row_count; i++) {
		struct site *site = &model->sites[model->rows[i].site - model->sites];
		if (model->rows[i].shown)
			site->fingerprint = fingerprint_site(model, site);
	}
}

static int write_report(const struct model *model, const struct settings *settings,
	const struct render_format *format, const struct image_list *list)
{
	FILE *out = settings->output ? fopen(settings->output, "we") : stdout;
	struct render_options options = {.verbose = settings->verbose, .group = settings->group};
	const char *name = settings->output ? settings->output : "standard output";
	char *operands = quoted_operands(list);
	bool failed;

	if (out == NULL) {
		command_complain(settings->output, strerror(errno));
		free(operands);
		return EXIT_NOT_MEASURED;
	}
	options.operands = operands;
	options.color = command_color(settings, fileno(out));
	options.width = output_width(fileno(out));
	format->render(model, &options, out);
	failed = ferror(out) != 0;
	failed = (out == stdout ? fflush(out) : fclose(out)) != 0 || failed;
	free(operands);
	if (failed && errno != EPIPE)
		command_complain(name, "the report could not be written completely");
	return failed ? EXIT_NOT_MEASURED : EXIT_OK;
}

/* From loaded to ranked, named and judged. */
static void refine(struct model *model, const struct settings *settings,
	const struct render_format *format, struct symbolizer *symbolizer,
	struct progress *progress)
{
	uint64_t top = settings->top != UINT64_MAX          ? settings->top
		       : settings->all || format->all_sites ? UINT64_MAX
							    : TOP_FOR_PEOPLE;
	struct selection selection = {.group = settings->group,
		.top = top,
		.filters = settings->filters.texts,
		.filter_count = settings->filters.count};

	bool all = aggregate_needs_symbols(&selection) || format->all_sites ||
		   model->site_count <= MERGE_LIMIT;

	aggregate_sites(model, top);
	if (symbolizer) {
		symbolize_rows(model, symbolizer, all, progress);
		if (all) {
			merge_sites(model);
			aggregate_sites(model, top);
		}
	}
	verdict_decide(model);
	aggregate_select(model, &selection);
	fingerprint_rows(model);
}

int cmd_report(struct settings *settings)
{
	const struct render_format *format =
		render_find(settings->json ? "json" : settings->format);
	struct symbol_search search = {.sysroot = settings->sysroot,
		.directories = settings->symbols.texts,
		.directory_count = settings->symbols.count,
		.debuginfod = settings->debuginfod != NULL};
	struct symbolizer *symbolizer = NULL;
	struct image_list list;
	struct progress progress;
	struct model model;
	struct error error;
	const char *subject;
	int status = EXIT_NOT_MEASURED;

	if (image_list_fill(&list, settings->operands.texts, settings->operands.count, &subject,
		    &error) < 0) {
		command_complain(subject, error.text);
		image_list_free(&list);
		return EXIT_NOT_MEASURED;
	}
	if (settings->debuginfod && settings->debuginfod[0])
		setenv("DEBUGINFOD_URLS", settings->debuginfod, 1);
	progress_start(&progress, settings->quiet);
	model_init(&model);
	size_t failed = load_all(&model, &list, settings, &progress);
	if (model.process_count) {
		if (!settings->no_symbolize)
			symbolizer = symbolizer_new(&model, &search);
		refine(&model, settings, format, symbolizer, &progress);
		progress_end(&progress);
		status = write_report(&model, settings, format, &list);
		if (status == EXIT_OK && failed)
			status = EXIT_NOT_MEASURED;
	}
	if (symbolizer)
		symbolizer_free(symbolizer);
	model_free(&model);
	image_list_free(&list);
	return status;
}
