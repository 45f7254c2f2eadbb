/*
 * `leak report`: images to model to report. The pipeline up to the refined model is in
 * cmd_model.c; what is listed, and where the report goes, is decided here.
 */
#define _GNU_SOURCE
#include "cmd_baseline.h"
#include "cmd_model.h"
#include "cmd_next.h"
#include "cmd_output.h"
#include "command.h"
#include "render.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TOP_FOR_PEOPLE 10

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

static size_t top_for(const struct settings *settings, const struct render_format *format)
{
	if (settings->top != UINT64_MAX)
		return settings->top;
	return settings->all || format->all_sites ? SIZE_MAX : TOP_FOR_PEOPLE;
}

/* `baseline`: NULL: none. */
static int report(
	struct cmd_model *loaded, const struct settings *settings, struct baseline *baseline)
{
	const struct render_format *format =
		render_find(settings->json ? "json" : settings->format);
	struct cmd_view view = {.group = settings->group,
		.kinds = kinds_for(&loaded->model, settings, format),
		.top = top_for(settings, format),
		.all_sites = format->all_sites || baseline};
	char *next = cmd_next(settings, &loaded->list, loaded->readable);

	cmd_model_refine(loaded, &view);
	if (baseline)
		baseline_match(baseline, &loaded->model, cmd_baseline_kinds(settings));
	int status = write_report(&loaded->model, settings, format, next);
	free(next);
	return status == EXIT_OK ? cmd_model_status(loaded) : status;
}

int cmd_report(struct settings *settings)
{
	struct cmd_model loaded;
	struct baseline baseline = {0};
	int whole = settings->baseline ? cmd_baseline_read(&baseline, settings->baseline) : EXIT_OK;
	int status = cmd_model_load(&loaded, settings);

	if (status == EXIT_OK)
		status = report(&loaded, settings, settings->baseline ? &baseline : NULL);
	cmd_model_free(&loaded);
	baseline_free(&baseline);
	return status == EXIT_OK ? whole : status;
}
