/*
 * Images to a refined model: the pipeline of the commands that judge what was recorded stands here
 * from top to bottom: load, rank, symbolize what will be shown, merge, select, verdict,
 * fingerprint. Called by cmd_report.c and its kin, which render, compare or filter what comes out.
 */
#define _GNU_SOURCE
#include "cmd_model.h"

#include "aggregate.h"
#include "cmd_suppressions.h"
#include "command.h"
#include "fingerprint.h"
#include "load_core.h"
#include "load_image.h"
#include "load_order.h"
#include "memory.h"
#include "merge_sites.h"
#include "render.h"
#include "verdict.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MERGE_LIMIT 2000 /* sites that are all named and merged even when few are shown */

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
 * Returns how many of either there were; `readable` says of each whether it is in the model. */
static size_t load_all(struct cmd_model *loaded)
{
	const struct settings *settings = loaded->settings;
	const struct image_list *list = &loaded->list;
	struct progress *progress = &loaded->progress;
	struct model *model = &loaded->model;
	struct load_options options = {.older_ns = settings->older.ns,
		.sysroot = settings->sysroot,
		.progress = progress,
		.intervals = strcmp(settings->group, "mark") == 0};
	struct error error;
	size_t failed = 0;

	for (size_t i = 0; i < list->count; i++) {
		const char *path = list->items[i].path;
		int result = load_image(model, path, &options, &error);
		loaded->readable[i] = result == 0;
		if (result != 0) {
			progress_end(progress);
			command_complain(path, error.text);
			failed += result < 0;
		}
		if (result > 0) /* the process is in the model already */
			continue;
		bool has_image = loaded->readable[i];
		loaded->readable[i] = add_core(model, path, has_image, &loaded->search, progress);
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

static void set_fingerprint(const struct model *model, struct site *site)
{
	site->fingerprint = fingerprint_site(model, site, &site->place);
}

/* Fingerprints are for shown sites: the rows point into the model's sites. */
static void fingerprint_rows(struct model *model)
{
	for (size_t i = 0; i < model->row_count; i++)
		if (model->rows[i].shown)
			set_fingerprint(model, &model->sites[model->rows[i].site - model->sites]);
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

int cmd_model_check_search(const struct settings *settings)
{
	int status = EXIT_OK;

	if (settings->sysroot)
		status = check_directory("sysroot", settings->sysroot);
	for (size_t i = 0; status == EXIT_OK && i < settings->symbols.count; i++)
		status = check_directory("symbols", settings->symbols.texts[i]);
	return status;
}

static const char *from_root(const char *directory)
{
	char *path = realpath(directory, NULL);

	return path ? path : memory_copy(directory);
}

void cmd_model_search(struct symbol_search *search, const struct settings *settings)
{
	size_t count = settings->symbols.count;
	const char **directories = memory_zero(count + 1, sizeof(*directories));

	for (size_t i = 0; i < count; i++)
		directories[i] = from_root(settings->symbols.texts[i]);
	*search = (struct symbol_search){
		.sysroot = settings->sysroot ? from_root(settings->sysroot) : NULL,
		.directories = directories,
		.directory_count = count,
		.debuginfod = settings->debuginfod != NULL};
}

void cmd_model_search_free(struct symbol_search *search)
{
	for (size_t i = 0; i < search->directory_count; i++)
		free((char *)search->directories[i]);
	free((char **)search->directories);
	free((char *)search->sysroot);
	*search = (struct symbol_search){0};
}

/* What can be said of the options before any work is done. */
static int check_settings(const struct settings *settings, const struct image_list *list)
{
	if (settings->output && image_list_has(list, settings->output))
		return usage(settings->output,
			"is one of the images to read, and the report would replace it; give "
			"--output another name");
	return cmd_model_check_search(settings);
}

void cmd_model_load_none(struct cmd_model *loaded, const struct settings *settings)
{
	*loaded = (struct cmd_model){.settings = settings};
	progress_start(&loaded->progress, settings->quiet);
	model_init(&loaded->model);
	suppress_init(&loaded->suppressions);
}

/* Only valgrind's XML does. */
static bool writes_suppressions(const struct settings *settings)
{
	const struct render_format *format = render_find(settings->format);

	return settings->xml || (format && format->suppressions);
}

static int load(
	struct cmd_model *loaded, const struct settings *settings, bool suppress, bool named)
{
	struct error error;
	const char *subject;

	cmd_model_load_none(loaded, settings);
	if (image_list_fill(&loaded->list, settings->operands.texts, settings->operands.count,
		    &subject, &error) < 0) {
		command_complain(subject, error.text);
		return EXIT_NOT_MEASURED;
	}
	if (settings->debuginfod && settings->debuginfod[0])
		setenv("DEBUGINFOD_URLS", settings->debuginfod, 1);
	int status = check_settings(settings, &loaded->list);
	if (status != EXIT_OK)
		return status;
	cmd_model_search(&loaded->search, settings);
	loaded->readable = memory_zero(loaded->list.count, sizeof(*loaded->readable));
	loaded->failed = load_all(loaded);
	if (loaded->model.process_count == 0)
		return EXIT_NOT_MEASURED;
	progress_end(&loaded->progress);
	if (suppress && cmd_suppressions_read(&loaded->suppressions, settings, &loaded->model) < 0)
		return EXIT_NOT_MEASURED;
	loaded->search.linker_names = named || writes_suppressions(settings) ||
				      cmd_suppressions_need_linker_names(&loaded->suppressions);
	if (!settings->no_symbolize)
		loaded->symbolizer = symbolizer_new(&loaded->model, &loaded->search);
	return EXIT_OK;
}

int cmd_model_load(struct cmd_model *loaded, const struct settings *settings)
{
	return load(loaded, settings, true, false);
}

int cmd_model_load_named(struct cmd_model *loaded, const struct settings *settings, bool suppress)
{
	return load(loaded, settings, suppress, true);
}

void cmd_model_hide(struct cmd_model *loaded, bool merge, struct suppressions *set)
{
	struct model *model = &loaded->model;
	unsigned kinds = merge ? CLASSES_ALL : suppress_kinds(set);

	for (size_t i = 0; loaded->symbolizer && i < model->site_count; i++) {
		if (kinds & CLASS_BIT(model->sites[i].class))
			symbolize_site(loaded->symbolizer, &model->sites[i]);
		progress_step(&loaded->progress, "finding names", i, model->site_count);
	}
	if (loaded->symbolizer && merge)
		merge_sites(model);
	suppress_apply(set, model);
	loaded->hidden = true;
	progress_end(&loaded->progress);
}

void cmd_model_refine(struct cmd_model *loaded, const struct cmd_view *view)
{
	struct model *model = &loaded->model;
	struct selection selection = {.group = view->group,
		.kinds = view->kinds,
		.leave_out_replaced = view->leave_out_replaced,
		.top = view->top,
		.filters = loaded->settings->filters.texts,
		.filter_count = loaded->settings->filters.count};
	bool all = aggregate_needs_symbols(&selection) || view->all_sites ||
		   model->site_count <= MERGE_LIMIT;

	model->scope.kinds = view->kinds;
	/* They may hide any site, and only by its names. */
	if (loaded->suppressions.count && !loaded->hidden)
		cmd_model_hide(loaded, all, &loaded->suppressions);
	aggregate_sites(model, view->top);
	if (loaded->symbolizer) {
		symbolize_rows(model, loaded->symbolizer, all, &loaded->progress);
		if (all && !loaded->hidden) {
			merge_sites(model);
			aggregate_sites(model, view->top);
		}
	}
	aggregate_select(model, &selection);
	verdict_decide(model);
	if (view->all_sites)
		for (size_t i = 0; i < model->site_count; i++)
			set_fingerprint(model, &model->sites[i]);
	else
		fingerprint_rows(model);
	progress_end(&loaded->progress);
}

int cmd_model_status(const struct cmd_model *loaded)
{
	return loaded->failed ? EXIT_NOT_MEASURED : EXIT_OK;
}

void cmd_model_free(struct cmd_model *loaded)
{
	if (loaded->symbolizer)
		symbolizer_free(loaded->symbolizer);
	suppress_free(&loaded->suppressions);
	model_free(&loaded->model);
	free(loaded->readable);
	cmd_model_search_free(&loaded->search);
	image_list_free(&loaded->list);
}
