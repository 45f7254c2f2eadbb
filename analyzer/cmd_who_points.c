/*
 * `leak show --who-points`: through what blocks are still reachable, of a core, or of an image
 * whose process noted it (paths=1). Called by cmd_show.c: load, choose, name, print.
 */
#define _GNU_SOURCE
#include "command.h"

#include "aggregate.h"
#include "cmd_model.h"
#include "core_stacks.h"
#include "fingerprint.h"
#include "image_list.h"
#include "load_core.h"
#include "load_image.h"
#include "memory.h"
#include "render_who.h"
#include "symbolize.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct showing {
	const struct settings *settings;
	struct symbol_search search;
	struct symbolizer *symbolizer;
	struct model model;
	uint64_t address; /* that is asked for; 0: none is */
	struct asked asked;
	struct who_row *all; /* the largest call site first */
	struct who_row *shown;
	struct who who;
};

/* ---- loading ---- */

/* Why a process has no paths; NULL: it has. */
static const char *find_lack(const struct process *process)
{
	const struct check *check = process->check;

	if (!check || !check->done)
		return check && check->failure
			       ? check->failure
			       : "no check has found out which of its blocks can be reached; snap "
				 "it with `leak snap`, or take a core";
	if (!check->with_paths)
		return "what points at its blocks was not noted; record it with "
		       "LEAK_OPTIONS=paths=1, or take a core (gcore PID) and ask that";
	return NULL;
}

/* False, and it is said why, when there are no paths of this one. */
static bool load(struct showing *showing, const char *path)
{
	struct load_options options = {.sysroot = showing->settings->sysroot,
		.no_threads = true,
		.paths = true,
		.path_of = showing->address,
		.ret_asked = &showing->asked};
	struct model *model = &showing->model;
	struct error error;

	if (load_image(model, path, &options, &error) != 0) {
		command_complain(path, error.text);
		return false;
	}
	struct process *process = &model->processes[model->process_count - 1];
	const char *lack = find_lack(process);
	if (lack) {
		command_complain(path, lack);
		return false;
	}
	if (process->core && load_core(model, process, path, &showing->search, &error) == 0)
		core_stacks_find(model, process);
	return true;
}

/* ---- choosing ---- */

static uint64_t bytes_of(const struct model *model, const struct path *path)
{
	return path->site == SIZE_MAX ? 0 : model->sites[path->site].live.bytes;
}

static int compare(const void *a, const void *b, void *context)
{
	const struct who_row *one = a, *other = b;
	uint64_t mine = bytes_of(context, one->path), theirs = bytes_of(context, other->path);

	if (mine != theirs)
		return mine > theirs ? -1 : 1;
	return one->path->address < other->path->address
		       ? -1
		       : one->path->address > other->path->address;
}

/* Numbers all paths that are one for a call site. */
static void rank(struct showing *showing)
{
	struct model *model = &showing->model;

	showing->all = memory_zero(model->path_count, sizeof(*showing->all));
	showing->shown = memory_zero(model->path_count, sizeof(*showing->shown));
	for (size_t i = 0; i < model->path_count; i++)
		showing->all[i].path = &model->paths[i];
	if (model->path_count)
		qsort_r(showing->all, model->path_count, sizeof(*showing->all), compare, model);
	for (size_t i = 0; i < model->path_count; i++)
		showing->all[i].number = i + 1;
	showing->who.rows = showing->shown;
}

static void show(struct showing *showing, size_t index)
{
	showing->shown[showing->who.count++] = showing->all[index];
}

static void choose_largest(struct showing *showing)
{
	const struct settings *settings = showing->settings;
	uint64_t top = settings->top != UINT64_MAX ? settings->top
		       : settings->json            ? UINT64_MAX
						   : TOP_FOR_PEOPLE;

	for (size_t i = 0; i < showing->model.path_count; i++)
		if (i < top)
			show(showing, i);
		else
			showing->who.left_out++;
}

static void choose_address(struct showing *showing)
{
	const struct asked *asked = &showing->asked;
	uint64_t address = showing->address;

	for (size_t i = 0; i < showing->model.path_count; i++) {
		const struct path *path = showing->all[i].path;
		if (address - path->address < (path->size ? path->size : 1)) {
			show(showing, i);
			return;
		}
	}
	for (size_t i = 0; asked->found && i < showing->model.path_count; i++)
		if (asked->site != SIZE_MAX && showing->all[i].path->site == asked->site)
			show(showing, i);
	if (showing->who.count)
		showing->who.note = "of that very block no path was noted; this is another one's "
				    "of its call site";
}

/* Whole, as in JSON, or its first half, as in the report. */
static bool has_fingerprint(const struct model *model, const struct site *site, const char *text)
{
	char *end;
	size_t length = strlen(text);
	unsigned long long wanted = strtoull(text, &end, 16);
	uint64_t fingerprint;

	if ((length != 8 && length != 16) || *end)
		return false;
	fingerprint = fingerprint_site(model, site, NULL);
	return wanted == (length == 8 ? fingerprint >> 32 : fingerprint);
}

/* By the number of a call site, or what is in its stack. */
static void choose_site(struct showing *showing, const char *text)
{
	struct model *model = &showing->model;
	char *end;
	unsigned long long number = strtoull(text, &end, 10);

	if (isdigit((unsigned char)text[0]) && *end == '\0' && strlen(text) < 8) {
		if (number >= 1 && number <= model->path_count)
			show(showing, number - 1);
		return;
	}
	for (size_t i = 0; i < model->path_count; i++) {
		size_t index = showing->all[i].path->site;
		if (index == SIZE_MAX)
			continue;
		struct site *site = &model->sites[index];
		if (showing->symbolizer)
			symbolize_site(showing->symbolizer, site);
		if (aggregate_matches(model, site, &text, 1) || has_fingerprint(model, site, text))
			show(showing, i);
	}
}

/* ---- naming ---- */

static void symbolize(struct showing *showing)
{
	for (size_t i = 0; showing->symbolizer && i < showing->who.count; i++) {
		const struct path *path = showing->shown[i].path;
		struct path_root *root = &showing->model.paths[path - showing->model.paths].root;
		symbolize_stack(showing->symbolizer, path->frame);
		symbolize_stack(showing->symbolizer, root->frame);
		symbolize_variable(showing->symbolizer, root);
		for (size_t s = 0; s < path->step_count; s++)
			symbolize_stack(showing->symbolizer, path->steps[s].frame);
	}
}

/* ---- the command ---- */

static int print(struct showing *showing)
{
	const struct settings *settings = showing->settings;
	const char *text = settings->who_points;
	const struct render_options options = {
		.quiet = settings->quiet, .verbose = settings->verbose};

	rank(showing);
	if (!settings->no_symbolize)
		showing->symbolizer = symbolizer_new(&showing->model, &showing->search);
	if (showing->address)
		choose_address(showing);
	else if (text[0])
		choose_site(showing, text);
	else
		choose_largest(showing);
	if (showing->who.count == 0 && text[0]) {
		command_complain(text, showing->address
					       ? "no block with a noted path is there"
					       : "no call site with blocks that can be reached "
						 "has this number, or this in its stack; "
						 "--who-points alone lists them");
		return EXIT_NOT_MEASURED;
	}
	symbolize(showing);
	if (settings->json)
		render_who_json(&showing->model, &showing->who, stdout);
	else
		render_who_text(&showing->model, &showing->who, &options, stdout);
	return EXIT_OK;
}

static int show_list(struct showing *showing, const struct image_list *list)
{
	int status = EXIT_OK, printed;
	size_t loaded = 0;

	model_init(&showing->model);
	for (size_t i = 0; i < list->count; i++)
		if (load(showing, list->items[i].path))
			loaded++;
		else
			status = EXIT_NOT_MEASURED;
	if (loaded) {
		printed = print(showing);
		status = printed == EXIT_OK ? status : printed;
	}
	if (showing->symbolizer)
		symbolizer_free(showing->symbolizer);
	free(showing->all);
	free(showing->shown);
	model_free(&showing->model);
	return status;
}

/* 0x…: an address. False when it is none that can be. */
static bool parse_address(const char *text, uint64_t *ret)
{
	char *end;

	*ret = 0;
	if (strncmp(text, "0x", 2) != 0)
		return true;
	errno = 0;
	*ret = strtoull(text, &end, 16);
	return *end == '\0' && errno == 0 && *ret;
}

int cmd_who_points(struct settings *settings)
{
	struct showing showing = {.settings = settings};
	struct image_list list;
	struct error error;
	const char *subject;
	int status;

	if (!parse_address(settings->who_points, &showing.address)) {
		command_complain(settings->who_points, "is no address");
		return EXIT_USAGE;
	}
	status = cmd_model_check_search(settings);
	if (status != EXIT_OK)
		return status;
	cmd_model_search(&showing.search, settings);
	if (settings->debuginfod && settings->debuginfod[0])
		setenv("DEBUGINFOD_URLS", settings->debuginfod, 1);
	if (image_list_fill(&list, settings->operands.texts, settings->operands.count, &subject,
		    &error) < 0) {
		command_complain(subject, error.text);
		status = EXIT_NOT_MEASURED;
	} else {
		status = show_list(&showing, &list);
	}
	image_list_free(&list);
	cmd_model_search_free(&showing.search);
	return status;
}
