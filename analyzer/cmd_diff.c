/*
 * `leak diff OLD NEW`: what one recording holds more, and less, than another: two runs of a
 * program, before and after a change, or two pictures of a process that runs. Both go through the
 * pipeline of cmd_model.c.
 */
#include "cmd_model.h"
#include "cmd_output.h"
#include "command.h"
#include "diff.h"
#include "render_diff.h"

#include <string.h>
#include <unistd.h>

static unsigned kinds_for(const struct settings *settings)
{
	/* What a server piles up is reachable, as a rule. */
	return settings->kinds != KINDS_NOT_GIVEN ? settings->kinds
						  : CLASSES_ALL & ~CLASS_BIT(CLASS_SUPPRESSED);
}

/* One of the two, refined. `own`, its settings, must outlive it. */
static int load(struct cmd_model *loaded, const struct settings *given, struct settings *own,
	size_t operand)
{
	struct cmd_view view = {
		.group = "site", .kinds = kinds_for(given), .top = SIZE_MAX, .all_sites = true};

	*own = *given;
	own->operands = (struct text_list){.texts = &given->operands.texts[operand], .count = 1};
	int status = cmd_model_load(loaded, own);
	if (status == EXIT_OK)
		cmd_model_refine(loaded, &view);
	return status;
}

static int write_diff(const struct diff *diff, const struct settings *settings)
{
	bool json = settings->json || strcmp(settings->format, "json") == 0;
	struct render_options options = {
		.verbose = settings->verbose, .quiet = settings->quiet, .group = "site"};
	size_t top = settings->top != UINT64_MAX ? settings->top
		     : settings->all || json     ? SIZE_MAX
						 : TOP_FOR_PEOPLE;
	struct cmd_output file;

	if (cmd_output_begin(&file, settings->output) != EXIT_OK)
		return EXIT_NOT_MEASURED;
	options.color = command_color(settings, fileno(file.out));
	options.width = cmd_output_width(&file);
	if (json)
		render_diff_json(diff, top, file.out);
	else
		render_diff_text(diff, &options, top, file.out);
	return cmd_output_finish(&file, settings->output);
}

static int compare(struct cmd_model *old, struct cmd_model *now, const struct settings *settings)
{
	struct diff diff;

	diff_make(&diff, &old->model, &now->model, kinds_for(settings));
	if (diff.same_process && diff.between_ns < 0)
		command_complain("", "the second picture is older than the first; swap them to see "
				     "what grew");
	int status = write_diff(&diff, settings);
	diff_free(&diff);
	if (status == EXIT_OK)
		status = cmd_model_status(old);
	return status == EXIT_OK ? cmd_model_status(now) : status;
}

int cmd_diff(struct settings *settings)
{
	struct settings own[2];
	struct cmd_model loaded[2];
	int status;

	if (settings->operands.count != 2) {
		command_complain("", "diff takes two recordings, the older one first: leak diff "
				     "OLD NEW, each an image, a directory of images, a pid or a "
				     "core");
		return EXIT_USAGE;
	}
	status = load(&loaded[0], settings, &own[0], 0);
	if (status == EXIT_OK) {
		status = load(&loaded[1], settings, &own[1], 1);
		if (status == EXIT_OK)
			status = compare(&loaded[0], &loaded[1], settings);
		cmd_model_free(&loaded[1]);
	}
	cmd_model_free(&loaded[0]);
	return status;
}
