/*
 * `leak snap PID|IMAGE`: has a running process find out which of its blocks are lost, and copies
 * its image, to be reported on later while the process goes on. With --no-check the process is
 * neither stopped nor touched.
 */
#define _GNU_SOURCE
#include "command.h"

#include "aggregate.h"
#include "ask_check.h"
#include "cmd_next.h"
#include "load_image.h"
#include "memory.h"
#include "merge_sites.h"
#include "snapshot.h"
#include "symbolize.h"
#include "text.h"
#include "verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_MS 2500 /* a process looks once a second, if it allocates */
#define MERGE_LIMIT 2000 /* sites that are all named, as in a report */

/* The verdict that `leak report` gives, for the caller to free; NULL with a sentence. */
static char *judge(const char *path, struct error *error)
{
	struct symbol_search search = {0};
	struct load_options options = {0};
	struct model model;
	char *line = NULL;

	model_init(&model);
	if (load_image(&model, path, &options, error) == 0) {
		struct symbolizer *symbolizer = symbolizer_new(&model, &search);
		bool all = model.site_count <= MERGE_LIMIT;
		aggregate_sites(&model, 1);
		for (size_t i = 0; i < model.row_count; i++)
			if (all || model.rows[i].shown)
				symbolize_site(symbolizer, model.rows[i].site);
		if (all)
			merge_sites(&model);
		aggregate_sites(&model, 1);
		verdict_decide(&model);
		line = text_escape(model.verdict.line);
		symbolizer_free(symbolizer);
	}
	model_free(&model);
	return line;
}

static int say(const struct settings *settings, const char *path, bool truncated)
{
	char *escaped = text_escape(path), *verdict = NULL, *next;
	struct error error;

	printf("%s%s\n", settings->quiet ? "" : "snapshot ", escaped);
	free(escaped);
	if (!settings->quiet) {
		verdict = judge(path, &error);
		if (verdict == NULL) {
			command_complain(path, error.text);
			return EXIT_NOT_MEASURED;
		}
		printf("VERDICT  %s\n", verdict);
		next = cmd_next_report(path);
		if (next)
			printf("next: %s\n", next);
		free(next);
		free(verdict);
	}
	if (!truncated)
		return EXIT_OK;
	command_complain(path, "the snapshot is truncated, as what can be read of the image is; "
			       "when the rest is in the memory of the process, snap its pid, as "
			       "its user or root");
	return EXIT_NOT_MEASURED;
}

static int usage(const char *reason)
{
	command_complain("", reason);
	return EXIT_USAGE;
}

int cmd_snap(struct settings *settings)
{
	struct snapshot_wish wish = {
		.label = settings->label ? settings->label : "", .output = settings->output};
	struct error error;
	char *path = NULL;
	int status = EXIT_NOT_MEASURED;

	if (settings->operands.count != 1)
		return usage("snap needs one process or image: leak snap PID");
	if (strlen(wish.label) >= IMAGE_LABEL_MAX)
		return usage("--label takes at most 63 bytes");
	wish.name = settings->operands.texts[0];
	/* What cannot be found out is no reason not to keep the rest. */
	if (!settings->no_check && ask_check(wish.name, PATIENCE_MS, &error) < 0 &&
		snapshot_is_possible(wish.name))
		command_complain(wish.name, error.text);
	if (snapshot_take(&wish, &path, &error) < 0)
		command_complain(path, error.text);
	else
		status = say(settings, path, wish.truncated);
	free(path);
	return status;
}
