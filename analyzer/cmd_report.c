/*
 * `leak report`: images to model to report. The pipeline up to the refined model is in
 * cmd_model.c; what is listed, and where the report goes, is decided here.
 */
#define _GNU_SOURCE
#include "cmd_baseline.h"
#include "cmd_model.h"
#include "cmd_next.h"
#include "cmd_output.h"
#include "cmd_outputs.h"
#include "command.h"
#include "load_segments.h"
#include "render.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int write_report(const struct model *model, const struct settings *settings,
	const struct render_format *format, const char *next, const char *source_root)
{
	struct render_options options = {.verbose = settings->verbose,
		.quiet = settings->quiet,
		.group = settings->group,
		.next = next,
		.source_root = source_root};
	struct cmd_output file;

	if (cmd_output_begin(&file, settings->output) != EXIT_OK)
		return EXIT_NOT_MEASURED;
	options.color = command_color(settings, fileno(file.out));
	options.width = cmd_output_width(&file);
	format->render(model, &options, file.out);
	return cmd_output_finish(&file, settings->output);
}

static bool is_for_people(const struct render_format *format)
{
	return !format->kinds && !format->all_sites;
}

/* What is listed when nobody said. A machine gets all; where nothing has a class, nothing is left.
 */
static unsigned kinds_for(const struct model *model, const struct settings *settings,
	const struct render_format *format)
{
	if (settings->kinds != KINDS_NOT_GIVEN)
		return settings->kinds;
	if (!is_for_people(format))
		return format->kinds ? format->kinds : CLASSES_ALL;
	if (!model_is_classified(model))
		return CLASSES_ALL;
	/* A mark's blocks may be lost through those of another, so they have rows of their own. */
	return CLASSES_SUSPECT |
	       (strcmp(settings->group, "mark") == 0 ? CLASS_BIT(CLASS_INDIRECT) : 0);
}

static size_t top_for(const struct settings *settings, const struct render_format *format)
{
	if (settings->top != UINT64_MAX)
		return settings->top;
	return settings->all || format->all_sites ? SIZE_MAX : TOP_FOR_PEOPLE;
}

/* Names, ranks and selects, and compares with the baseline; NULL: there is none. */
static void refine(struct cmd_model *loaded, const struct cmd_view *view, struct baseline *baseline)
{
	cmd_model_refine(loaded, view);
	if (baseline)
		baseline_match(baseline, &loaded->model, cmd_baseline_kinds(loaded->settings));
}

/* The files for CI come from a selection of their own, before that of the report; profiles after
 * it. */
static int write_outputs(
	struct cmd_model *loaded, const struct settings *settings, struct baseline *baseline)
{
	struct cmd_view view = cmd_outputs_view(settings);

	if (!cmd_outputs_wanted(settings))
		return EXIT_OK;
	refine(loaded, &view, baseline);
	return cmd_outputs_write(&loaded->model, settings);
}

static int report(struct cmd_model *loaded, const struct settings *settings,
	const struct render_format *format, struct baseline *baseline)
{
	struct cmd_view view = {.group = settings->group,
		.kinds = kinds_for(&loaded->model, settings, format),
		.leave_out_replaced = settings->kinds == KINDS_NOT_GIVEN &&
				      (is_for_people(format) || format->kinds != 0),
		.top = top_for(settings, format),
		.all_sites = format->all_sites || baseline};
	char *next = cmd_next(settings, &loaded->list, loaded->readable);
	char *source_root = cmd_source_root(settings);
	int others = write_outputs(loaded, settings, baseline);

	refine(loaded, &view, baseline);
	if (format->wants_segments)
		load_segments(&loaded->model, &loaded->search);
	int status = write_report(&loaded->model, settings, format, next, source_root);
	int profiles = cmd_outputs_write_profiles(loaded);
	free(source_root);
	free(next);
	if (status == EXIT_OK)
		status = others == EXIT_OK ? profiles : others;
	return status == EXIT_OK ? cmd_model_status(loaded) : status;
}

static int check_format(const struct settings *settings, const struct render_format *format)
{
	struct error error;

	if (format->binary && cmd_output_is_terminal(settings->output))
		error_set(&error,
			"--format=%s is not text, and would upset the terminal; write it to a "
			"file: "
			"--output=FILE",
			format->name);
	else if (format->only_sites && strcmp(settings->group, "site") != 0)
		error_set(&error,
			"--format=%s lists call sites and cannot be grouped; leave out --group",
			format->name);
	else
		return EXIT_OK;
	command_complain("", error.text);
	return EXIT_USAGE;
}

int cmd_report(struct settings *settings)
{
	const struct render_format *format =
		render_find(settings->json ? "json" : settings->format);
	struct cmd_model loaded;
	struct baseline baseline = {0};
	int status = check_format(settings, format), whole = EXIT_OK;

	if (status != EXIT_OK)
		return status;
	if (settings->baseline)
		whole = cmd_baseline_read(&baseline, settings->baseline);
	status = cmd_model_load(&loaded, settings);
	if (status == EXIT_OK)
		status = cmd_outputs_check(settings, &loaded.list);
	if (status == EXIT_OK)
		status = report(&loaded, settings, format, settings->baseline ? &baseline : NULL);
	cmd_model_free(&loaded);
	baseline_free(&baseline);
	return status == EXIT_OK ? whole : status;
}
