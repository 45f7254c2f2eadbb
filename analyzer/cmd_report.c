/*
 * `leak report`: images to model to report. The pipeline of the analyzer stands here from top to
 * bottom: load, rank, symbolize what will be shown, select, verdict, render.
 */
#define _GNU_SOURCE
#include "command.h"

#include "aggregate.h"
#include "cmd_next.h"
#include "cmd_output.h"
#include "fingerprint.h"
#include "image_list.h"
#include "load_core.h"
#include "load_image.h"
#include "load_order.h"
#include "memory.h"
#include "merge_sites.h"
#include "render.h"
#include "symbolize.h"
#include "verdict.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
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

/* Adds what a core tells besides its image, which is in the model if `has_image`. Returns whether
 * the process is in the model now. */
static bool add_core(struct model *model, const char *path, bool has_image,
	const struct symbol_search *search, struct progress *progress)
{
	struct process *process = has_image ? &model->processes[model->process_count - 1] : NULL;
	struct error error;

	if (has_image ? process->core == NULL : !load_core_is_core(path))
		return has_image;
	if (load_core(model, process, path, search, &error) == 0)
		return true;
	if (has_image) { /* else this was said when the image was looked for */
		progress_end(progress);
		command_complain(path, error.text);
	}
	return has_image;
}

/* Loads every image; one that cannot be read is said and skipped, a truncated one is said and used.
 * Returns how many of either there were; `ret_readable` says of each whether it is in the model. */
static size_t load_all(struct model *model, const struct image_list *list,
	const struct settings *settings, const struct symbol_search *search,
	struct progress *progress, bool *ret_readable)
{
	struct load_options options = {
		.older_ns = settings->older.ns, .sysroot = settings->sysroot, .progress = progress};
	struct error error;
	size_t failed = 0;

	for (size_t i = 0; i < list->count; i++) {
		const char *path = list->items[i].path;
		int result = load_image(model, path, &options, &error);
		ret_readable[i] = result == 0;
		if (result != 0) {
			progress_end(progress);
			command_complain(path, error.text);
			failed += result < 0;
		}
		if (result > 0) /* the process is in the model already */
			continue;
		bool has_image = ret_readable[i];
		ret_readable[i] = add_core(model, path, has_image, search, progress);
		if (!has_image)
			continue;
		const struct process *process = &model->processes[model->process_count - 1];
		if (process->readable_bytes < process->wanted_bytes) {
			progress_end(progress);
			error_set(&error,
				"the image is truncated (%llu of %llu bytes are there), so the "
				"report is incomplete; copy it again, or record again",
				(unsigned long long)process->readable_bytes,
				(unsigned long long)process->wanted_bytes);
			command_complain(path, error.text);
			failed++;
		}
	}
	load_order(model);
	model->scope = (struct scope){.older = settings->older.text,
		.filters = settings->filters.texts,
		.filter_count = settings->filters.count};
	return failed;
}

/* Also of what is lost through the blocks of a row some are named. */
#define LOSSES_NAMED 16

static void symbolize_row(
	const struct model *model, struct symbolizer *symbolizer, const struct row *row)
{
	const struct site *site = row->site;

	symbolize_site(symbolizer, site);
	for (size_t i = 0; i < site->loss_count && i < LOSSES_NAMED; i++)
		symbolize_site(symbolizer, &model->sites[site->losses[i].site]);
}

static void symbolize_rows(
	struct model *model, struct symbolizer *symbolizer, bool all, struct progress *progress)
{
	for (size_t i = 0; i < model->row_count; i++) {
		if (all || model->rows[i].shown)
			symbolize_row(model, symbolizer, &model->rows[i]);
		progress_step(progress, "finding names", i, model->row_count);
	}
	for (size_t i = 0; i < model->process_count; i++) {
		const struct core_facts *facts = model->processes[i].core_facts;
		for (size_t t = 0; facts && t < facts->thread_count; t++)
			symbolize_stack(symbolizer, facts->threads[t].frame);
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
	const struct render_format *format, const char *next)
{
	struct render_options options = {.verbose = settings->verbose,
		.quiet = settings->quiet,
		.group = settings->group,
		.next = next};
	struct cmd_output file;
	struct error error;

	if (cmd_output_open(&file, settings->output, &error) < 0) {
		command_complain(settings->output, error.text);
		return EXIT_NOT_MEASURED;
	}
	options.color = command_color(settings, fileno(file.out));
	options.width = output_width(fileno(file.out));
	format->render(model, &options, file.out);
	if (cmd_output_close(&file, &error) < 0) {
		command_complain(settings->output, error.text);
		return EXIT_NOT_MEASURED;
	}
	return EXIT_OK;
}

/* What is listed when nobody said. A machine gets all; where nothing has a class, nothing is left.
 */
static unsigned kinds_for(const struct model *model, const struct settings *settings,
	const struct render_format *format)
{
	if (settings->kinds != KINDS_NOT_GIVEN)
		return settings->kinds;
	return format->all_sites || !model_is_classified(model) ? CLASSES_ALL : CLASSES_SUSPECT;
}

/* From loaded to ranked, named and judged. */
static void refine(struct model *model, const struct settings *settings,
	const struct render_format *format, struct symbolizer *symbolizer,
	struct progress *progress)
{
	uint64_t top = settings->top != UINT64_MAX          ? settings->top
		       : settings->all || format->all_sites ? UINT64_MAX
							    : TOP_FOR_PEOPLE;
	model->scope.kinds = kinds_for(model, settings, format);
	struct selection selection = {.group = settings->group,
		.kinds = model->scope.kinds,
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
	aggregate_select(model, &selection);
	verdict_decide(model);
	fingerprint_rows(model);
}

static int usage(const char *subject, const char *reason)
{
	command_complain(subject, reason);
	return EXIT_USAGE;
}

static int check_directory(const char *option, const char *path)
{
	struct stat status;
	struct error error;

	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return EXIT_OK;
	error_set(&error, "--%s=%s: %s", option, path,
		stat(path, &status) < 0 ? strerror(errno) : "is not a directory");
	return usage("", error.text);
}

/* What can be said of the options before any work is done. */
static int check_settings(const struct settings *settings, const struct image_list *list)
{
	int status = EXIT_OK;

	if (settings->output && image_list_has(list, settings->output))
		return usage(settings->output,
			"is one of the images to read, and the report would replace it; give "
			"--output another name");
	if (settings->sysroot)
		status = check_directory("sysroot", settings->sysroot);
	for (size_t i = 0; status == EXIT_OK && i < settings->symbols.count; i++)
		status = check_directory("symbols", settings->symbols.texts[i]);
	return status;
}

static int report(const struct settings *settings, const struct image_list *list)
{
	const struct render_format *format =
		render_find(settings->json ? "json" : settings->format);
	struct symbol_search search = {.sysroot = settings->sysroot,
		.directories = settings->symbols.texts,
		.directory_count = settings->symbols.count,
		.debuginfod = settings->debuginfod != NULL};
	struct symbolizer *symbolizer = NULL;
	bool *readable = memory_zero(list->count, sizeof(*readable));
	struct progress progress;
	struct model model;
	int status = EXIT_NOT_MEASURED;

	progress_start(&progress, settings->quiet);
	model_init(&model);
	size_t failed = load_all(&model, list, settings, &search, &progress, readable);
	if (model.process_count) {
		char *next = cmd_next(settings, list, readable);
		if (!settings->no_symbolize)
			symbolizer = symbolizer_new(&model, &search);
		refine(&model, settings, format, symbolizer, &progress);
		progress_end(&progress);
		status = write_report(&model, settings, format, next);
		if (status == EXIT_OK && failed)
			status = EXIT_NOT_MEASURED;
		free(next);
	}
	if (symbolizer)
		symbolizer_free(symbolizer);
	model_free(&model);
	free(readable);
	return status;
}

int cmd_report(struct settings *settings)
{
	struct image_list list;
	struct error error;
	const char *subject;
	int status;

	if (image_list_fill(&list, settings->operands.texts, settings->operands.count, &subject,
		    &error) < 0) {
		command_complain(subject, error.text);
		image_list_free(&list);
		return EXIT_NOT_MEASURED;
	}
	if (settings->debuginfod && settings->debuginfod[0])
		setenv("DEBUGINFOD_URLS", settings->debuginfod, 1);
	status = check_settings(settings, &list);
	if (status == EXIT_OK)
		status = report(settings, &list);
	image_list_free(&list);
	return status;
}
